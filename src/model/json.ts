// JSON values as types, for what crosses a boundary without a schema of its own.

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}
