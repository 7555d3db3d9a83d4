import type { Feature } from "../../core/contracts/feature.ts";
import type { FileStore } from "../../core/contracts/file-store.ts";
import type { Peer } from "../../core/model/peer.ts";
import { giveDownloads } from "./downloads.ts";
import { type FilesOptions, filesConfig, type SendOptions, type SentFile } from "./options.ts";
import { Pushes } from "./pushes.ts";
import { takeUploads } from "./uploads.ts";

/** The files of a server. */
export interface Files {
  readonly store: FileStore;
  /**
   * Sends a file to a client that takes files. Resolves when everything has been sent.
   *
   * @throws `NOT_FOUND` without such a file, `DEADLINE_EXCEEDED` for a client that takes none,
   * `UNSUPPORTED` for a wire without events, `UNAVAILABLE` when the peer has gone
   */
  sendTo(peer: Peer, name: string, options?: SendOptions): Promise<SentFile>;
}

/**
 * Upload, download and listing as netconduit has them, over any wire, and files sent to clients.
 * Every content is checked by its SHA-256 before anybody sees it.
 *
 * @throws `INVALID_ARGUMENT` for an option that makes no sense
 */
export function files(options: FilesOptions): Feature<Files> {
  const config = filesConfig(options);
  const { store, uploads, downloads } = config;
  return (host) => {
    if (uploads !== false) takeUploads(host, config, uploads);
    if (downloads !== false) giveDownloads(host, config, downloads);
    const pushes = new Pushes(host, config);
    return { store, sendTo: async (peer, name, sent = {}) => pushes.send(peer, name, sent) };
  };
}
