import type { StandardSchema } from "../../core/contracts/schema.ts";
import { isThenable } from "../../core/engine/thenable.ts";
import { SealwireError } from "../../core/model/errors.ts";
import { type Declarations, undeclared, type VariableDeclaration } from "./declaration.ts";
import type { Draft, VariableKeeper } from "./ledger.ts";
import { checkName } from "./names.ts";
import { type Asker, checkVersion, type Operation, valueAfter } from "./operation.ts";
import type { StateLimits } from "./options.ts";
import type { StateTransaction } from "./transaction.ts";
import { type Variable, type VariableVersion, variableOf } from "./variables.ts";

/** Writes variables by their rules. */
export class Writer {
  readonly #ledger: VariableKeeper;
  readonly #declarations: Declarations;
  readonly #limits: StateLimits;
  readonly #now: () => number;

  constructor(
    ledger: VariableKeeper,
    declarations: Declarations,
    limits: StateLimits,
    now: () => number,
  ) {
    this.#ledger = ledger;
    this.#declarations = declarations;
    this.#limits = limits;
    this.#now = now;
  }

  /** Resolves with the variable as it is afterwards, when that is kept. */
  write(operation: Operation, asker: Asker): Promise<Variable | undefined> {
    return this.#checked(operation, (fitting) =>
      this.#ledger.submit((draft) => this.#apply(draft, fitting, asker).after),
    );
  }

  /** Resolves with whether there was one. */
  remove(operation: Operation, asker: Asker): Promise<boolean> {
    return this.#checked(operation, (fitting) =>
      this.#ledger.submit((draft) => this.#apply(draft, fitting, asker).before !== undefined),
    );
  }

  /** All that the function does, or nothing. */
  transaction<Result>(work: (variables: StateTransaction) => Result): Promise<Result> {
    return this.#ledger.submit((draft) => {
      const result = work(this.#within(draft));
      if (isThenable(result))
        throw invalid("a transaction does not wait: its function is not async");
      return result;
    });
  }

  /** A schema may take its time; until then nothing has happened. */
  #checked<Result>(
    operation: Operation,
    go: (operation: Operation) => Promise<Result>,
  ): Promise<Result> {
    try {
      const { schema } = this.#declared(operation);
      if (operation.kind !== "set" || !schema) return go(operation);
      const checked = schema["~standard"].validate(operation.value);
      if (!(checked instanceof Promise))
        return go({ ...operation, value: fitting(operation.name, checked) });
      return checked.then((late) => go({ ...operation, value: fitting(operation.name, late) }));
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  #declared(operation: Operation): VariableDeclaration {
    checkName(operation.name);
    if (operation.kind !== "add") checkVersion(operation.expected);
    const declaration = this.#declarations.find(operation.name);
    if (!declaration) throw undeclared(operation.name);
    return declaration;
  }

  #apply(draft: Draft, operation: Operation, asker: Asker): Applied {
    const { name } = operation;
    const declaration = this.#declared(operation);
    const before = draft.find(name);
    const value = valueAfter(operation, before, declaration, asker);
    if (operation.kind === "delete") {
      draft.delete(name);
      return { before, after: undefined };
    }
    const after = variableOf(name, this.#next(draft, operation, value, asker), this.#limits);
    const made = operation.kind !== "set" || value !== operation.value;
    if (made && declaration.schema) checkMade(name, declaration.schema, value);
    this.#ledger.check(value);
    draft.put(name, after);
    return { before, after };
  }

  #next(draft: Draft, { name }: Operation, value: unknown, asker: Asker) {
    const before = draft.find(name);
    const { history: most = 0 } = this.#declarations.find(name) ?? {};
    return {
      value,
      version: draft.nextVersion(name),
      at: this.#now(),
      history: historyOf(before, most),
      owner: before ? before.owner : ownerOf(asker),
    };
  }

  #within(draft: Draft): StateTransaction {
    const apply = (operation: Operation): Applied => {
      const { schema } = this.#declared(operation);
      const isSet = operation.kind === "set";
      if (!isSet || !schema) return this.#apply(draft, operation, "server");
      const value = fitting(operation.name, atOnce(operation.name, schema, operation.value));
      return this.#apply(draft, { ...operation, value }, "server");
    };
    return {
      get: (name) => draft.find(name)?.value,
      version: (name) => draft.find(name)?.version ?? 0,
      set: (name, value, options) =>
        apply({ kind: "set", name, value, ...options }).after?.version ?? 0,
      add: (name, amount = 1) => Number(apply({ kind: "add", name, amount }).after?.value),
      delete: (name, options) => apply({ kind: "delete", name, ...options }).before !== undefined,
    };
  }
}

interface Applied {
  readonly before: Variable | undefined;
  readonly after: Variable | undefined;
}

function ownerOf(asker: Asker): string | number | undefined {
  return asker === "server" ? undefined : asker.principal?.id;
}

function historyOf(before: Variable | undefined, most: number): readonly VariableVersion[] {
  if (!before || most === 0) return NO_HISTORY;
  const { value, version, at } = before;
  return [...before.history, { value, version, at }].slice(-most);
}

const NO_HISTORY: readonly VariableVersion[] = Object.freeze([]);

type Checked = Awaited<ReturnType<StandardSchema["~standard"]["validate"]>>;

/** What the schema makes of a value. @throws `INVALID_ARGUMENT` */
function fitting(name: string, checked: Checked): unknown {
  if (checked.issues === undefined) return checked.value;
  const issues = checked.issues.map(({ message }) => message).join("; ");
  throw invalid(`the value of ${name} does not fit its schema: ${issues}`);
}

/** What was merged or counted has to fit as well; nobody can wait there. */
function checkMade(name: string, schema: StandardSchema, value: unknown): void {
  fitting(name, atOnce(name, schema, value));
}

function atOnce(name: string, schema: StandardSchema, value: unknown): Checked {
  const checked = schema["~standard"].validate(value);
  if (!(checked instanceof Promise)) return checked;
  throw invalid(
    `the schema of ${name} answers later, which counting, merging and transactions cannot`,
  );
}

function invalid(message: string): SealwireError {
  return new SealwireError("INVALID_ARGUMENT", message);
}
