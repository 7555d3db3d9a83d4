export { type DescribeOptions, describe } from "./describe.ts";
export type { ProcedureDescription, ProcedureSummary, ValueDescription } from "./descriptions.ts";
