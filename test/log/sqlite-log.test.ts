import { test } from 'uvu';
import { eventLogContract } from './event-log.contract.js';
import { withLog } from './temporary-log.js';

eventLogContract(test, 'sqlite', withLog);

test.run();
