// Turns the table of commands into a program: reads arguments, names what is misspelt, runs the command, and gives the exit code.

import { Command as CommanderCommand, CommanderError, Option as CommanderOption } from 'commander';
import { ConfigError } from '../config.js';
import { LogInUse, LogRefused } from '../log/connection.js';
import { ContrailError } from '../model/errors.js';
import { type Command, Invocation, type Option, UsageError } from './command.js';
import { commands } from './command-table.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { createTerminal, type TerminalStreams } from './terminal.js';

const introduction = 'Contrail: real-time collaboration over an event log';

const closing = `
Stock y-websocket clients connect with
  new WebsocketProvider('ws://127.0.0.1:1234', 'my-document', ydoc)

"contrail <command> --help" explains a command, with examples. Settings come from the environment (README).

Exit codes: 0 done and sound, 1 failed or something is wrong, 2 wrong arguments or settings, 3 another process has the database,
130 interrupted.
`;

/** Runs one command line. Never throws; what went wrong is on stderr. */
export const runProgram = async (argv: readonly string[], streams: TerminalStreams): Promise<ExitCode> => {
  let code: ExitCode = exitCodes.done;
  const program = outline(new CommanderCommand('contrail'), streams);
  program.description(introduction).helpOption('-h, --help', 'show this').addHelpText('after', closing);
  program.helpCommand('help [command]', 'explain a command');
  for (const command of commands) {
    const outlined = outline(program.command(command.name), streams);
    outlined.summary(command.summary).description(`${command.summary}\n\n${command.description.replaceAll('\n', ' ')}`);
    for (const { name, description } of command.arguments ?? []) outlined.argument(name, description);
    for (const option of command.options ?? []) outlined.addOption(commanderOption(option));
    outlined.helpOption('-h, --help', 'show this').addHelpText('after', examplesOf(command));
    outlined.action(async () => {
      code = await runCommand(command, { args: outlined.args, options: outlined.opts() }, streams);
    });
  }
  if (argv.length === 0) {
    streams.err.write(program.helpInformation() + closing);
    return exitCodes.usage;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  return code;
};

const outline = (command: CommanderCommand, { out, err }: TerminalStreams): CommanderCommand =>
  command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`("contrail ${command.name() === 'contrail' ? '' : `${command.name()} `}--help" explains it)`)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) });

const commanderOption = ({ flags, description, choices, fallback, required, many }: Option): CommanderOption => {
  const option = new CommanderOption(flags, description);
  if (choices) option.choices([...choices]);
  if (fallback !== undefined) option.default(fallback);
  if (required) option.makeOptionMandatory();
  if (many) option.argParser<readonly string[]>((value, before) => [...(before ?? []), value]);
  return option;
};

const examplesOf = ({ examples }: Command): string =>
  `\nExamples:\n${examples.map(([line, meaning]) => `  contrail ${line}\n      ${meaning}`).join('\n')}\n`;

const runCommand = async (
  command: Command,
  given: { readonly args: readonly string[]; readonly options: Readonly<Record<string, unknown>> },
  streams: TerminalStreams,
): Promise<ExitCode> => {
  const json = given.options['json'] === true;
  const terminal = createTerminal(streams, { json, dataOnOut: command.writesData === true });
  try {
    return await command.run(new Invocation({ ...given, terminal }));
  } catch (error) {
    const { code, text } = failureOf(error);
    streams.err.write(json ? `${JSON.stringify({ type: 'error', exitCode: code, detail: text })}\n` : `${text}\n`);
    return code;
  }
};

const failureOf = (error: unknown): { readonly code: ExitCode; readonly text: string } => {
  if (error instanceof ConfigError)
    return {
      code: exitCodes.usage,
      text: `These settings are not valid:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}`,
    };
  if (error instanceof UsageError) return { code: exitCodes.usage, text: error.message };
  if (error instanceof LogInUse) return { code: exitCodes.inUse, text: error.message };
  if (error instanceof LogRefused) return { code: exitCodes.failed, text: error.message };
  if (error instanceof ContrailError && error.code !== 'internal')
    return { code: exitCodes.failed, text: error.detail };
  if (error instanceof Error && 'code' in error) return { code: exitCodes.failed, text: error.message };
  return { code: exitCodes.failed, text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
};
