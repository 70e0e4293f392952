/** The program's version; package.json is the one place that states it. The build puts it in the place of this file. */
import { createRequire } from 'node:module';

interface Manifest {
  readonly version: string;
}

const manifest = createRequire(import.meta.url)('../../package.json') as Manifest;

/** Version of this sysgap, as `--version` and the JSON report print it. */
export const version: string = manifest.version;
