// What the process answers the shell with. `contrail --help` and docs/cli.md show this table.

export const exitCodes = {
  /** Done, and everything is sound. */
  done: 0,
  /** It failed, or something is wrong with the data. */
  failed: 1,
  /** Wrong arguments or settings; nothing was touched. */
  usage: 2,
  /** Another process holds the database; the same command may work later. */
  inUse: 3,
  /** Stopped by SIGINT (128 + 2), as shells expect it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
