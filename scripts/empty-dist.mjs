// Before a build: nothing of an earlier one may stay, or it would be packed.

import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
