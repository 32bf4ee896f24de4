// SPDX-License-Identifier: Apache-2.0
// The WebAssembly JavaScript and Web APIs.

/** WebAssembly; absent where it is not granted. */
declare namespace WebAssembly {
  /** What an import or export is. */
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag';
  /** The type of a value. */
  type ValueType = 'anyfunc' | 'externref' | 'f32' | 'f64' | 'i32' | 'i64' | 'v128';
  /** What tables hold. */
  type TableKind = 'anyfunc' | 'externref';
  /** A value that may be imported. */
  type ImportValue = ((...args: any[]) => any) | Global | Memory | Table | Tag | number | bigint;
  /** Values of one module's name. */
  type ModuleImports = Record<string, ImportValue>;
  /** Values by the names of modules. */
  type Imports = Record<string, ModuleImports>;
  /** What an instance exports, by name. */
  type Exports = Record<string, any>;

  /** An export. */
  interface ModuleExportDescriptor {
    name: string;
    kind: ImportExportKind;
  }
  /** An import. */
  interface ModuleImportDescriptor {
    module: string;
    name: string;
    kind: ImportExportKind;
  }
  /** Compiled code. */
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  /** The constructor of Module, and what it tells of one. */
  var Module: {
    prototype: Module;
    new (bytes: BufferSource): Module;
    /** The sections of a name. */
    customSections(module: Module, sectionName: string): ArrayBuffer[];
    /** What it exports. */
    exports(module: Module): ModuleExportDescriptor[];
    /** What it imports. */
    imports(module: Module): ModuleImportDescriptor[];
  };
  /** Code with its memory. */
  interface Instance {
    /** What it exports. */
    readonly exports: Exports;
  }
  /** The constructor of Instance. */
  var Instance: { prototype: Instance; new (module: Module, importObject?: Imports): Instance };
  /** A module and an instance of it. */
  interface WebAssemblyInstantiatedSource {
    module: Module;
    instance: Instance;
  }

  /** How a memory is made; pages have 64 KiB. */
  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
  }
  /** Memory of instances. */
  interface Memory {
    /** Its bytes, until it grows. */
    readonly buffer: ArrayBuffer;
    /** Adds pages; answers with how many there were. */
    grow(delta: number): number;
  }
  /** The constructor of Memory. */
  var Memory: { prototype: Memory; new (descriptor: MemoryDescriptor): Memory };
  /** How a table is made. */
  interface TableDescriptor {
    element: TableKind;
    initial: number;
    maximum?: number;
  }
  /** References of instances. */
  interface Table {
    /** How many. */
    readonly length: number;
    /** One of them. */
    get(index: number): any;
    /** Adds some; answers with how many there were. */
    grow(delta: number, value?: any): number;
    /** Changes one of them. */
    set(index: number, value?: any): void;
  }
  /** The constructor of Table. */
  var Table: { prototype: Table; new (descriptor: TableDescriptor, value?: any): Table };
  /** How a global is made. */
  interface GlobalDescriptor {
    value: ValueType;
    mutable?: boolean;
  }
  /** A variable of instances. */
  interface Global {
    /** Its value. */
    value: any;
    /** Its value. */
    valueOf(): any;
  }
  /** The constructor of Global. */
  var Global: { prototype: Global; new (descriptor: GlobalDescriptor, value?: any): Global };

  /** What parameters exceptions of a tag have. */
  interface TagDescriptor {
    parameters: ValueType[];
  }
  /** A kind of exception. */
  interface Tag {}
  /** The constructor of Tag. */
  var Tag: { prototype: Tag; new (descriptor: TagDescriptor): Tag };
  /** What code throws. */
  interface Exception {
    /** Whether it is of a tag. */
    is(tag: Tag): boolean;
    /** One of its values. */
    getArg(tag: Tag, index: number): any;
  }
  /** The constructor of Exception. */
  var Exception: { prototype: Exception; new (tag: Tag, payload: Iterable<any>): Exception };

  /** Code that cannot be compiled. */
  interface CompileError extends Error {}
  /** The constructor of CompileError. */
  var CompileError: { prototype: CompileError; new (message?: string): CompileError; (message?: string): CompileError };
  /** A module that cannot be instantiated. */
  interface LinkError extends Error {}
  /** The constructor of LinkError. */
  var LinkError: { prototype: LinkError; new (message?: string): LinkError; (message?: string): LinkError };
  /** Code that cannot go on. */
  interface RuntimeError extends Error {}
  /** The constructor of RuntimeError. */
  var RuntimeError: { prototype: RuntimeError; new (message?: string): RuntimeError; (message?: string): RuntimeError };

  /** Whether bytes are a module. */
  function validate(bytes: BufferSource): boolean;
  /** Compiles bytes. */
  function compile(bytes: BufferSource): Promise<Module>;
  /** Compiles what a response brings. */
  function compileStreaming(source: Response | PromiseLike<Response>): Promise<Module>;
  /** Makes an instance of a module. */
  function instantiate(module: Module, importObject?: Imports): Promise<Instance>;
  /** Compiles bytes and makes an instance. */
  function instantiate(bytes: BufferSource, importObject?: Imports): Promise<WebAssemblyInstantiatedSource>;
  /** Compiles what a response brings, and makes an instance. */
  function instantiateStreaming(
    source: Response | PromiseLike<Response>, importObject?: Imports,
  ): Promise<WebAssemblyInstantiatedSource>;
}
