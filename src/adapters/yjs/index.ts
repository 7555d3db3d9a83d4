export {
  type DocumentVariables,
  FollowedDocument,
  type FollowOptions,
  followDocument,
} from "./follow-document.ts";
export {
  type DocumentLimits,
  type DocumentRule,
  type SharedDocuments,
  sharedDocuments,
} from "./shared-documents.ts";
