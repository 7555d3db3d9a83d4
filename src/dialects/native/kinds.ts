/**
 * A batch is one flat array: the number of a kind, then its fields, then the next kind. Flat,
 * because an array for each message costs a third of the whole (docs/dialects/native.md). Stands in
 * a file without imports, where bundlers put such constants in place of their names.
 *
 * Behind each number: what follows it.
 */

/** Id, procedure, positional arguments. */
export const KIND_CALL = 0;
/** The same, then named arguments, metadata, timeout, and whether items follow. */
export const KIND_CALL_WITH_MORE = 1;
/** Id, value. */
export const KIND_RESULT = 2;
/** Id; the value is undefined. */
export const KIND_EMPTY_RESULT = 3;
/** Id, code, message, details. */
export const KIND_ERROR = 4;
/** Id. */
export const KIND_CANCEL = 5;
/** Id, value. */
export const KIND_ITEM = 6;
/** Id. */
export const KIND_END = 7;
/** Id, how many items. */
export const KIND_CREDIT = 8;
/** Name, data. */
export const KIND_EVENT = 9;
/** Nothing. */
export const KIND_PING = 10;
/** Nothing. */
export const KIND_PONG = 11;
/** Nothing. */
export const KIND_PAUSE = 12;
/** Nothing. */
export const KIND_RESUME = 13;
/** Reason or nil. */
export const KIND_GOODBYE = 14;
/** Compressed bytes of a batch. */
export const KIND_PACKED = 15;
