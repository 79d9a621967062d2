// One look at the remote and what follows from it, and an operator's approval. Each waits for the other: two never change
// what is offered at once.

import { chooseRevision, judgeApproval, mayFollowSignature, toRefusedProblem, toRelation } from './choice.mjs';
import { toLine } from './commits.mjs';
import { examineRevision } from './examine.mjs';
import { GitError } from './run-git.mjs';

/** @typedef {import('./choice.mjs').Problem} Problem */
/** @typedef {import('./choice.mjs').Candidate} Candidate */
/** @typedef {import('../../common/team-configuration/tree-rules.mjs').TreeEntry} TreeEntry */
/** @typedef {(repository: import('./repository.mjs').Repository, revision: {files: readonly TreeEntry[], date: string}, path: string) => Promise<import('./store.mjs').Archive>} WriteArchive */

/** So many of those that wait are told with what is wrong with them. */
export const shownPending = 50;

/** What follows from the same end of a branch again: it is not fetched again for that. */
const lasting = ['fetch.too-big', 'revision.malformed', 'history.too-big'];

const stopped = { code: 'sync.stopped', message: 'config-sync is ending.' };

/** What an approval, or a sync, cannot do, and why. */
export class Refused extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * @param {object} parts
 * @param {import('./settings.mjs').Settings} parts.settings
 * @param {import('./repository.mjs').Repository} parts.repository
 * @param {import('./store.mjs').Store} parts.store
 * @param {WriteArchive} parts.writeArchive
 * @param {() => string} parts.readSigners the allowed signers, as text
 * @param {import('../../common/service/log.mjs').Log} parts.log
 * @param {() => Date} [parts.now]
 */
export function createSync({ settings, repository, store, writeArchive, readSigners, log, now = () => new Date() }) {
  /** @type {{remoteHead: string | null, fetched: string | null, pending: readonly Candidate[], problem: Problem | null, lastAttempt: string | null}} */
  const seen = { remoteHead: null, fetched: null, pending: [], problem: null, lastAttempt: null };
  /** @type {{head: string, problem: Problem} | null} */
  let rejected = null;
  /** What is wrong with each. @type {Map<string, import('../../common/team-configuration/tree-rules.mjs').Refusal | null>} */
  const examined = new Map();
  /** @type {Map<string, import('./commits.mjs').Signature>} */
  const signatures = new Map();
  let signers = '';
  let lastReset = Number.NEGATIVE_INFINITY;
  let opened = false;
  /** @type {Promise<unknown>} */
  let queue = Promise.resolve();

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} after what is under way, however that ended */
  const inTurn = (work) => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const currentSha = () => store.kept.offered[0]?.sha ?? null;

  /** @param {AbortSignal} [signal] */
  const fetchBranch = async (signal) => {
    const { remote, branch, fetchLimit } = settings;
    if (remote === null)
      throw new Refused(settings.problem ?? { code: 'remote.invalid', message: 'There is no repository.' });
    const head = await repository.askHead(remote.url, branch, signal);
    if (head === null) {
      throw new Refused({
        code: 'remote.no-branch',
        message: `The repository has no branch ${branch}.`,
        hint: 'Compare GIT_BRANCH.',
      });
    }
    seen.remoteHead = head;
    if (head === (await repository.head())) return;
    if (rejected?.head === head) throw new Refused(rejected.problem);
    log.info('fetching', { head });
    try {
      await repository.fetch(remote.url, branch, { limit: fetchLimit, ...(signal ? { signal } : {}) });
    } catch (error) {
      if (error instanceof GitError && lasting.includes(error.problem.code))
        rejected = { head, problem: error.problem };
      throw error;
    }
    rejected = null;
  };

  const tidy = async () => {
    await repository
      .tidy(settings.fetchLimit)
      .catch((error) => log.warn('packs could not be put together', { why: error.message }));
    // What was force-pushed away is gone after that; a copy of this size is nothing that a team wrote.
    if ((await repository.size()) > 10 * settings.fetchLimit) await startOver('it has become too big');
  };

  /** @param {string} sha */
  const examine = async (sha) => {
    const known = examined.get(sha);
    if (known !== undefined) return known;
    const found = (await examineRevision(repository, sha)).refusals[0] ?? null;
    examined.set(sha, found);
    return found;
  };

  /** @param {import('./commits.mjs').Commit} commit */
  const checkSignature = async ({ sha, signed }) => {
    const known = signatures.get(sha);
    if (known) return known;
    const found = signed ? await repository.readSignature(sha) : /** @type {const} */ ({ state: 'none', signer: null });
    signatures.set(sha, found);
    return found;
  };

  const openOnce = async () => {
    if (!opened) await repository.open();
    opened = true;
  };

  /** What was fetched, judged. Nothing leaves the machine. */
  const look = async () => {
    const text = readSigners();
    if (text !== signers) signatures.clear();
    signers = text;
    const head = await repository.head();
    seen.fetched = head;
    if (head === null) {
      seen.pending = [];
      return { offer: null, problem: null };
    }
    const current = currentSha();
    const contained = current !== null && (await repository.contains(current, head));
    const relation = toRelation({ current, head, contained });
    const shas = await repository.listCandidates(head, current, relation);
    const commits = shas.length === 0 ? [] : await repository.readCommits(shas);
    /** @type {Candidate[]} */
    const candidates = [];
    for (const commit of commits) {
      const signature = await checkSignature(commit);
      const trusted = signature.state === 'good' && mayFollowSignature(relation);
      const refusal = trusted || candidates.length < shownPending ? await examine(commit.sha) : null;
      candidates.push({ ...commit, signature, refusal });
      if (trusted && refusal === null) break;
    }
    for (const cache of [examined, signatures]) {
      for (const sha of cache.keys()) if (!shas.includes(sha)) cache.delete(sha);
    }
    const choice = chooseRevision(relation, candidates);
    seen.pending = choice.pending;
    return choice;
  };

  /** @param {Candidate} candidate @param {{signedBy: string | null, approvedBy: string | null}} trust */
  const offer = async (candidate, trust) => {
    const { sha, subject, author, date } = candidate;
    const { files, refusals } = await examineRevision(repository, sha);
    if (refusals[0]) throw new Refused(toRefusedProblem(sha, refusals[0]));
    log.info('packing', { sha, files: files.length });
    const archive = await store.putArchive(sha, (path) => writeArchive(repository, { files, date }, path));
    log.info('switching', { sha });
    await store.offer({ sha, since: now().toISOString(), subject, author, date, ...trust, archive });
    log.info('offered', { sha, ...trust });
    const index = seen.pending.findIndex((one) => one.sha === sha);
    if (index !== -1) seen.pending = seen.pending.slice(0, index);
    await repository
      .keep(sha)
      .catch((error) => log.warn('its history may be lost to a force-push', { sha, why: error.message }));
  };

  /** An archive that a disk lost or changed is made again; the same commit gives the same bytes. */
  const repairCurrent = async () => {
    const current = store.kept.offered[0];
    if (current === undefined || (await store.isIntact(current))) return;
    log.warn('the archive of what is offered is damaged, and made again', { sha: current.sha });
    const { files } = await examineRevision(repository, current.sha);
    const archive = await store.putArchive(current.sha, (path) =>
      writeArchive(repository, { files, date: current.date }, path),
    );
    await store.offer({ ...current, archive });
  };

  /** What went wrong, in words. @param {unknown} error @returns {Promise<Problem>} */
  const explain = async (error) => {
    if (error instanceof Refused) return error.problem;
    // What was found while something was wrong with this machine may be wrong as well.
    if (!(error instanceof GitError && error.problem.code.startsWith('remote.'))) {
      signatures.clear();
      examined.clear();
    }
    if (error instanceof GitError) {
      if (error.problem.code === 'git.failed') await startOver(error.problem.message);
      return error.problem;
    }
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
      return {
        code: 'disk.full',
        message: 'The disk of config-sync is full.',
        hint: 'Make room on the volume of /data.',
      };
    }
    log.error('a sync failed', { error: error instanceof Error ? error.message : typeof error, code });
    return { code: 'sync.failed', message: `Something is wrong with config-sync itself (${code ?? 'see its log'}).` };
  };

  /** The copy can be fetched again; once an hour, so that what is not its fault does not load the remote. @param {string} why */
  const startOver = async (why) => {
    if (now().getTime() - lastReset < 3_600_000) return;
    lastReset = now().getTime();
    log.warn('the copy of the repository is thrown away and fetched again', { why });
    await repository.reset().catch((error) => log.error('it could not be thrown away', { error: error.message }));
  };

  return {
    seen,
    /** Before anything is served. Never rejects: a broken copy is no reason not to serve. */
    repair: () =>
      inTurn(async () => {
        try {
          await openOnce();
          await repairCurrent();
        } catch (error) {
          seen.problem = await explain(error);
        }
      }),

    /** What a restart finds, before the remote is asked, which may take its time. */
    recall: () =>
      inTurn(async () => {
        try {
          await look();
        } catch (error) {
          seen.problem = await explain(error);
        }
      }),

    /**
     * @param {AbortSignal} [signal]
     * @returns {Promise<Problem | null>} null: the remote was seen, and what it has is in order
     */
    run: async (signal) => {
      seen.lastAttempt = now().toISOString();
      // A slow remote holds up no approval.
      const failure = await openOnce()
        .then(() => fetchBranch(signal))
        .then(
          () => undefined,
          (error) => error,
        );
      if (signal?.aborted) return stopped;
      return inTurn(async () => {
        /** @type {Problem | null} */
        let problem = null;
        try {
          if (failure === undefined) await tidy();
          else problem = await explain(failure);
          // Also without the remote: the signers may have changed.
          const choice = await look();
          if (choice.offer) await offer(choice.offer, { signedBy: choice.offer.signature.signer, approvedBy: null });
          problem ??= choice.problem;
          if (problem === null) await store.noteSync(now().toISOString());
        } catch (error) {
          problem = await explain(error);
        }
        seen.problem = problem;
        return problem;
      });
    },

    /**
     * @param {string} sha
     * @param {string} by who approves it
     * @returns {Promise<void>} members get it from now on
     * @throws {Refused}
     */
    approve: (sha, by) =>
      inTurn(async () => {
        try {
          await look();
          const current = currentSha();
          const older = current !== null && current !== sha && (await repository.contains(sha, current));
          const pending = seen.pending.map((candidate) => candidate.sha);
          const verdict = judgeApproval(sha, { current, pending, older });
          if (verdict === 'offered') return;
          const candidate = seen.pending.find((one) => one.sha === sha);
          if (verdict !== 'possible' || candidate === undefined) throw new Refused(/** @type {Problem} */ (verdict));
          await offer(candidate, {
            signedBy: candidate.signature.state === 'good' ? candidate.signature.signer : null,
            approvedBy: toLine(by, 120),
          });
          seen.problem = seen.problem?.code === 'history.rewritten' ? null : seen.problem;
        } catch (error) {
          throw new Refused(await explain(error));
        }
      }),
  };
}
