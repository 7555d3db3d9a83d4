// Without imports, so that bundlers put the numbers in place of their names.

/** A batch of messages. */
export const RECORD_BATCH = 0;
/** Bytes that belong to the batch which follows. */
export const RECORD_ATTACHMENT = 1;
/** The sender goes on with a new key. */
export const RECORD_REKEY = 2;
/** A map of the greeting. */
export const RECORD_GREETING = 3;
/** How many records have been opened; in sessions that may go on over another channel. */
export const RECORD_ACKNOWLEDGEMENT = 4;

type RecordName = "batch" | "attachment" | "rekey" | "greeting" | "acknowledgement";

/** What the content of a record is. Travels in clear as the first byte and is authenticated. */
export const RECORD: Readonly<Record<RecordName, number>> = {
  batch: RECORD_BATCH,
  attachment: RECORD_ATTACHMENT,
  rekey: RECORD_REKEY,
  greeting: RECORD_GREETING,
  acknowledgement: RECORD_ACKNOWLEDGEMENT,
};
