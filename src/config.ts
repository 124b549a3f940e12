// Environment -> one checked, frozen Config. The only reader of process.env. README's table of settings is made from `settings`.

import {
  addressList,
  channelList,
  flag,
  hidden,
  integer,
  kindList,
  list,
  MiB,
  oneOf,
  type Setting,
  setting,
  text,
  url,
  webhookSecrets,
  webhookUrl,
} from './config-values.js';

export const settings = {
  host: setting('HOST', text, '127.0.0.1', 'Address to listen on.'),
  port: setting('PORT', integer(0, 65_535), '1234', 'Port to listen on; 0 takes a free one.'),
  dataDir: setting('DATA_DIR', text, './data', 'Folder of the database.'),
  logLevel: setting(
    'LOG_LEVEL',
    oneOf('silent', 'error', 'warn', 'info', 'debug'),
    'info',
    'What is worth a log line.',
  ),
  durability: setting(
    'DURABILITY',
    oneOf('full', 'normal'),
    'full',
    '`normal` may lose the last commits in a power cut: for throw-away data.',
  ),
  channels: setting('CHANNELS', channelList, 'flights,notifications', 'Channels of a connection that asks for none.'),
  allowedOrigins: setting(
    'ALLOWED_ORIGINS',
    list,
    '',
    'Origins of browsers that may connect, comma-separated; empty means the same host only.',
  ),
  allowAnonymous: setting(
    'ALLOW_ANONYMOUS',
    flag,
    'false',
    'Without authentication, listen on other than loopback addresses all the same.',
  ),
  jwtSecret: hidden(
    setting(
      'JWT_SECRET',
      text,
      '',
      'Secret of HS256 tokens; 32 random bytes or more. Without it and JWKS_URL: open mode.',
    ),
  ),
  jwksUrl: setting('JWKS_URL', url, '', 'Where the public keys of RS256, ES256 or EdDSA tokens are.'),
  jwtIssuer: setting('JWT_ISSUER', text, '', 'Required `iss` of tokens.'),
  jwtAudience: setting('JWT_AUDIENCE', text, '', 'Required `aud` of tokens.'),
  metricsToken: hidden(
    setting(
      'METRICS_TOKEN',
      text,
      '',
      'Token that `/metrics` wants as `Authorization: Bearer`; empty lets everybody read it.',
    ),
  ),
  autoCreate: setting('AUTO_CREATE', flag, 'true', 'The first connection to an unknown document creates it.'),
  maxFrameBytes: setting('MAX_FRAME_BYTES', integer(1024, 256 * MiB), String(16 * MiB), 'Largest WebSocket frame.'),
  maxUpdateBytes: setting(
    'MAX_UPDATE_BYTES',
    integer(1024, 256 * MiB),
    String(MiB),
    'Largest live update after the first sync.',
  ),
  maxFramesPerSecond: setting(
    'MAX_FRAMES_PER_SECOND',
    integer(1, 1_000_000),
    '200',
    'Frames a second that one connection may send for long.',
  ),
  maxFramesBurst: setting(
    'MAX_FRAMES_BURST',
    integer(1, 1_000_000),
    '400',
    'Frames that one connection may send at once.',
  ),
  maxConnections: setting('MAX_CONNECTIONS', integer(1, 1_000_000), '10000', 'Connections in all.'),
  maxConnectionsPerRoom: setting(
    'MAX_CONNECTIONS_PER_ROOM',
    integer(1, 1_000_000),
    '2000',
    'Connections to one document.',
  ),
  maxConnectsPerAddress: setting(
    'MAX_CONNECTS_PER_ADDRESS',
    integer(0, 10_000_000),
    '30000',
    'Connections that one address may open within a minute; 0 is no limit.',
  ),
  maxConnectsPerUser: setting(
    'MAX_CONNECTS_PER_USER',
    integer(0, 10_000_000),
    '6000',
    'Connections that one authenticated user may open within a minute; 0 is no limit.',
  ),
  maxFailuresPerAddress: setting(
    'MAX_FAILURES_PER_ADDRESS',
    integer(0, 10_000_000),
    '600',
    'Refused tokens that one address may present within a minute; 0 is no limit.',
  ),
  trustedProxies: setting(
    'TRUSTED_PROXIES',
    addressList,
    '',
    'Addresses and CIDR ranges of proxies in front, comma-separated: the client’s address is then what these say in `X-Forwarded-For`.',
  ),
  maxQueuedBytes: setting(
    'MAX_QUEUED_BYTES',
    integer(1024, 1024 * MiB),
    String(MiB),
    'Bytes queued to a slow connection before live frames stop.',
  ),
  maxStalledBytes: setting(
    'MAX_STALLED_BYTES',
    integer(1024, 1024 * MiB),
    String(8 * MiB),
    'Bytes queued to a slow connection before it is closed.',
  ),
  maxStalledSeconds: setting(
    'MAX_STALLED_SECONDS',
    integer(1, 3600),
    '15',
    'Time without progress before a slow connection is closed.',
  ),
  maxRooms: setting('MAX_ROOMS', integer(1, 1_000_000), '10000', 'Documents in memory.'),
  roomIdleSeconds: setting(
    'ROOM_IDLE_SECONDS',
    integer(0, 86_400),
    '30',
    'Time after which a document that nobody has open or asks for leaves memory.',
  ),
  undoGroupMs: setting(
    'UNDO_GROUP_MS',
    integer(0, 3_600_000),
    '500',
    'Pause between two edits of a person after which the next one is an undo step of its own.',
  ),
  historyWorkers: setting(
    'HISTORY_WORKERS',
    integer(1, 64),
    '2',
    'Processes that answer questions about the past, undo among them.',
  ),
  historyTimeoutSeconds: setting(
    'HISTORY_TIMEOUT_SECONDS',
    integer(1, 3600),
    '10',
    'Time that one such question may take.',
  ),
  historyHeapMib: setting(
    'HISTORY_HEAP_MIB',
    integer(64, 65_536),
    '512',
    'Memory that each of these processes may use for JavaScript values, MiB.',
  ),
  historyMaxWaiting: setting(
    'HISTORY_MAX_WAITING',
    integer(1, 100_000),
    '256',
    'Questions about the past that may wait.',
  ),
  flightSource: setting(
    'FLIGHT_SOURCE',
    oneOf('simulator', 'aeroapi', 'push'),
    'simulator',
    'Where flights come from that are tracked without naming a source.',
  ),
  aeroApiKey: setting('AEROAPI_KEY', text, '', 'Key of FlightAware AeroAPI; enables the source `aeroapi`.'),
  aeroApiUrl: setting('AEROAPI_URL', url, 'https://aeroapi.flightaware.com/aeroapi', 'Base URL of AeroAPI.'),
  aeroApiPerDay: setting(
    'AEROAPI_PER_DAY',
    integer(0, 100_000_000),
    '0',
    'Requests to AeroAPI in a day, 0 for no limit: polling slows down to keep it.',
  ),
  openSkyClientId: setting(
    'OPENSKY_CLIENT_ID',
    text,
    '',
    'Client id at OpenSky; with the secret it enables the channel `positions`.',
  ),
  openSkyClientSecret: setting('OPENSKY_CLIENT_SECRET', text, '', 'Client secret at OpenSky.'),
  openSkyUrl: setting('OPENSKY_URL', url, 'https://opensky-network.org/api', 'Base URL of OpenSky.'),
  openSkyTokenUrl: setting(
    'OPENSKY_TOKEN_URL',
    url,
    'https://auth.opensky-network.org/auth/realms/opensky-network/protocol/openid-connect/token',
    'Where OpenSky gives out tokens.',
  ),
  openSkyPerDay: setting(
    'OPENSKY_PER_DAY',
    integer(0, 100_000_000),
    '4000',
    'Requests to OpenSky in a day, 0 for no limit.',
  ),
  openSkySeconds: setting(
    'OPENSKY_SECONDS',
    integer(1, 3600),
    '10',
    'How often OpenSky is asked while somebody listens.',
  ),
  flightPollSeconds: setting('FLIGHT_POLL_SECONDS', integer(1, 3600), '30', 'Base interval of polling a flight.'),
  flightLingerMinutes: setting(
    'FLIGHT_LINGER_MINUTES',
    integer(0, 10_080),
    '120',
    'How long a flight stays on its boards after it ended.',
  ),
  delayThresholdMinutes: setting(
    'DELAY_THRESHOLD_MINUTES',
    integer(1, 1440),
    '15',
    'From how many minutes on a flight counts as delayed.',
  ),
  inboxWindow: setting(
    'INBOX_WINDOW',
    integer(1, 1000),
    '100',
    'How many of the newest notifications are in `doc.getMap("notifications")`.',
  ),
  webhookUrl: hidden(setting('WEBHOOK_URL', webhookUrl, '', 'Where all that happens is posted to (docs/events.md).')),
  webhookSecret: hidden(
    setting('WEBHOOK_SECRET', webhookSecrets, '', 'Signs it: `whsec_…`; two, comma-separated, while it is changed.'),
  ),
  webhookKinds: setting('WEBHOOK_KINDS', kindList, '', 'Kinds of events that are posted; empty means all.'),
  webhookTimeoutSeconds: setting('WEBHOOK_TIMEOUT_SECONDS', integer(1, 300), '15', 'Time for its receiver to answer.'),
  simulatorSeed: setting('SIMULATOR_SEED', text, 'contrail', 'Seed of the simulated flights.'),
  simulatorSpeed: setting('SIMULATOR_SPEED', integer(1, 3600), '1', 'How many simulated seconds pass in a second.'),
} as const;

export type Config = {
  readonly [Key in keyof typeof settings]: (typeof settings)[Key] extends Setting<infer T> ? T : never;
};

/** Thrown with one line per fault, so that all can be mended at once. */
export class ConfigError extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** Reads the settings from an environment; throws ConfigError with every fault. */
export const readConfig = (environment: Readonly<Record<string, string | undefined>> = process.env): Config => {
  const faults: string[] = [];
  const entries = Object.entries<Setting<unknown>>(settings).map(([key, { env, parse, fallback, secret }]) => {
    const given = environment[env] ?? fallback;
    try {
      return [key, parse(given)];
    } catch (error) {
      faults.push(`${env}${secret ? '' : `=${given}`}: ${error instanceof Error ? error.message : 'not valid'}`);
      return [key, null];
    }
  });
  const config = Object.fromEntries(entries) as Config;
  faults.push(...contradictions(config, (key) => settings[key].env));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config);
};

/** What does not go together, each setting called by the name that its reader knows. */
export const contradictions = (config: Config, nameOf: (key: keyof Config) => string): readonly string[] => {
  const faults: string[] = [];
  if (config.jwtSecret !== '' && config.jwksUrl !== '')
    faults.push(`${nameOf('jwtSecret')} and ${nameOf('jwksUrl')}: one of the two`);
  if (config.flightSource === 'aeroapi' && config.aeroApiKey === '')
    faults.push(`${nameOf('flightSource')}=aeroapi: needs ${nameOf('aeroApiKey')}`);
  if ((config.openSkyClientId === '') !== (config.openSkyClientSecret === ''))
    faults.push(`${nameOf('openSkyClientId')} and ${nameOf('openSkyClientSecret')}: must be set together`);
  if (config.webhookUrl !== '' && config.webhookSecret?.length === 0)
    faults.push(`${nameOf('webhookUrl')}: needs ${nameOf('webhookSecret')}`);
  return faults;
};

/** For `serve --demo`: flights live fast enough to watch. What the environment says still wins. */
export const readDemoConfig = (changes: Readonly<Record<string, string>> = {}): Config =>
  readConfig({ SIMULATOR_SPEED: '12', FLIGHT_LINGER_MINUTES: '2', ...process.env, ...changes });

/** The settings of the environment, with those of a command line over them. */
export const readConfigWith = (changes: Readonly<Record<string, string>>): Config =>
  readConfig({ ...process.env, ...changes });

/** The settings with every default, changed by `changes`: for tests and for embedding. */
export const configWith = (changes: Partial<Config> = {}): Config => Object.freeze({ ...readConfig({}), ...changes });
