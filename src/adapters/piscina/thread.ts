import { createJiti } from "jiti";
import { ERROR_CODES, type Failure } from "../../core/model/errors.ts";
import type { ThreadAnswer, ThreadTask } from "./thread-answer.ts";

/** Does one task. */
export type RunTask = (task: ThreadTask) => Promise<ThreadAnswer>;

/** What runs in each thread: finds the handler of a task and answers with how it ended. */
export const run: RunTask = runner();

/** Finding a handler costs more than many a task, so each is looked for once. */
function runner(): RunTask {
  const known = new Map<string, Plain>();
  return async ({ module, handler, input }) => {
    try {
      const name = `${handler} ${module}`;
      const found = known.get(name) ?? (await find(module, handler));
      known.set(name, found);
      return { value: await found(...input) };
    } catch (thrown) {
      return failed(thrown);
    }
  };
}

async function find(module: string, handler: string): Promise<Plain> {
  const found = handlerOf(await load(module), handler);
  if (found) return found;
  throw new Error(`${module} exports no function named ${handler}`);
}

/** TypeScript goes through jiti, because Node 20 cannot load it. */
function load(module: string): Promise<unknown> {
  if (!/\.[cm]?tsx?$/.test(new URL(module).pathname)) return import(module);
  // A cache in the shared folder for temporary files could be filled by somebody else.
  const jiti = createJiti(module, { fsCache: false, interopDefault: false });
  return jiti.import(module);
}

type Plain = (...input: readonly unknown[]) => unknown;

/** An export, or a function of the object that is exported as default. */
function handlerOf(module: unknown, name: string): Plain | undefined {
  return ownFunction(module, name) ?? ownFunction(Object(module)["default"], name);
}

function ownFunction(holder: unknown, name: string): Plain | undefined {
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, name)) return;
  const found: unknown = Reflect.get(holder, name);
  return typeof found === "function"
    ? (...input) => Reflect.apply(found, holder, input)
    : undefined;
}

function failed(thrown: unknown): ThreadAnswer {
  if (!(thrown instanceof Error)) return { error: { name: "Error", message: String(thrown) } };
  const failure = failureIn(thrown);
  if (failure) return { failure };
  const { name, message, stack } = thrown;
  // Classes of an application seldom set `name`, which then says no more than `Error`.
  const given = name === "Error" ? thrown.constructor.name : name;
  return { error: { name: given, message, ...(stack !== undefined && { stack }) } };
}

/** By its looks: the module may have a copy of Sealwire of its own, with a class of its own. */
function failureIn(thrown: Error): Failure | undefined {
  const { code, details, type }: Error & Partial<Record<keyof Failure, unknown>> = thrown;
  const known = ERROR_CODES.find((each) => each === code);
  if (thrown.name !== "SealwireError" || known === undefined) return undefined;
  return {
    code: known,
    message: thrown.message,
    ...(canCross(details) && { details }),
    ...(typeof type === "string" && { type }),
  };
}

/** What cannot cross would end the thread. */
function canCross(details: unknown): boolean {
  if (details === undefined) return false;
  try {
    structuredClone(details);
    return true;
  } catch {
    return false;
  }
}
