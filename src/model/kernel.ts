/** WebAssembly kernels: memory that they share with the blocks, and the modules that work in it. */

/** WebAssembly memory with room to spare, the blocks at its start: kernels of the formats work where they lie. */
export interface KernelSpace {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** `spareBytes` from `spareAt` on are theirs. */
  readonly spareAt: number;
  readonly spareBytes: number;
  /** Other threads work in it, too. */
  readonly shared: boolean;
}

interface Limits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

/** The little of the WebAssembly interface that is used; the types for Node 20 leave it out. */
declare global {
  const WebAssembly: {
    readonly Memory: new (limits: Limits) => { readonly buffer: ArrayBuffer };
    readonly Module: new (bytes: Buffer) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  };
}

/** Each takes 10 GB of address space, of which little is used: under `ulimit -v` there may be none. All goes on without. */
export class NoKernelMemory extends Error {}

const PAGE = 65_536;

/** @throws NoKernelMemory */
export function allocateMemory(bytes: number, shared: boolean): KernelSpace['memory'] {
  const pages = Math.ceil(bytes / PAGE);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch {
    throw new NoKernelMemory();
  }
}

const modules = new Map<string, object>();

/** A module, its bytes in base64, that imports a memory as `env.memory`. */
export function compile(base64: string, shared: boolean): object {
  const key = `${shared} ${base64}`;
  let module = modules.get(key);
  if (!module) {
    const bytes = Buffer.from(base64, 'base64');
    modules.set(key, (module = new WebAssembly.Module(shared ? forSharedMemory(bytes) : bytes)));
  }
  return module;
}

/** The exports of a module over the memory that it imports; `lines`: those of another one, where it imports some. */
export function instantiate(
  base64: string,
  { memory, shared }: Pick<KernelSpace, 'memory' | 'shared'>,
  lines: object = {},
): unknown {
  return new WebAssembly.Instance(compile(base64, shared), { env: { memory }, lines }).exports;
}

/** The import `env.memory` as the kernels have it: a memory of at least one page. */
const IMPORT = Buffer.from('\x03env\x06memory\x02\x00\x01', 'latin1');
/** The same of a shared memory, which must name the most that it may have: 4 GiB. */
const SHARED_IMPORT = Buffer.from('\x03env\x06memory\x02\x03\x01\x80\x80\x04', 'latin1');
const IMPORT_SECTION = 2;

/**
 * A module says whether its memory is shared, and only then may it be (WebAssembly threads, limits 0x03). The same
 * code serves both: the import is written anew, and the length of its section, which holds nothing larger.
 */
function forSharedMemory(module: Buffer): Buffer {
  const at = module.indexOf(IMPORT);
  let section = 8;
  while (module[section] !== IMPORT_SECTION) section += 2 + module[section + 1]!;
  const longer = Buffer.concat([module.subarray(0, at), SHARED_IMPORT, module.subarray(at + IMPORT.length)]);
  longer[section + 1]! += SHARED_IMPORT.length - IMPORT.length;
  return longer;
}
