import * as z from 'zod';

/** Where in a file the user's attention belongs. Line and column count from 1; `path` is the key path inside the document. */
export const sourceLocation = z.object({
  file: z.string(),
  line: z.number().int().positive(),
  column: z.number().int().positive(),
  path: z.array(z.union([z.string(), z.number()])).optional(),
});
export type SourceLocation = z.infer<typeof sourceLocation>;

/** One mistake (or doubt) in a file. All of them are reported at once; they are data, never exceptions. */
export const diagnostic = z.object({
  severity: z.enum(['error', 'warning']),
  /** Stable name of the rule, e.g. `unknown-key`, `undefined-variable`, `dependency-cycle`. */
  rule: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  where: sourceLocation.optional(),
});
export type Diagnostic = z.infer<typeof diagnostic>;

/** What can go wrong, in the terms of the person who has to mend it. The CLI's exit code follows from `code`. */
export const errorCode = z.enum([
  'internal', // a defect of ours: `message` carries the log id
  'input.invalid', // a call's input does not fit the contract
  'usage', // the command line is wrong
  'engine.unreachable',
  'engine.too-old',
  'engine.error', // the engine refused; `message` is its own sentence
  'engine.conflict', // name or state conflict on the engine
  'image.not-found',
  'image.pull-failed',
  'registry.denied', // login wrong, missing or not enough; `message` names registry, user and where the login came from
  'registry.failed', // it cannot be reached, or is not trusted
  'image.build-failed', // `detail` has the failing step's last output
  'port.taken', // `message` names the owner
  'file.not-found',
  'file.invalid', // `diagnostics` has every mistake
  'stack.not-found',
  'stack.busy', // another operation (maybe another process) holds the stack's lock
  'state.unusable', // the state folder is full, read-only or another user's; `hint` says which way out
  'plan.changed', // the world moved between plan and confirmation
  'container.unhealthy',
  'container.exited',
  'wait.timeout',
  'exec.failed',
  'cancelled',
  'keychain.missing', // no library, session bus or Secret Service; `hint` says what to install or start
  'keychain.locked',
  'keychain.denied',
  'keychain.failed', // in the keychain's own words
  'service.failed', // a Swarm's service did not come to run as asked; `detail` has its task's last words
  'volume.unfinished', // it was emptied and is not filled again; said even where somebody cancelled
  'swarm.not-member', // this engine belongs to no Swarm
  'swarm.already-member',
  'swarm.not-manager', // only managers can be asked; `hint` says how to reach one
  'swarm.no-quorum', // too few managers answer: nothing can be changed, what runs goes on
  'swarm.locked', // autolock: the unlock key is needed after a restart
  'swarm.invite-invalid', // no invite, or changed on its way
  'swarm.invite-expired',
  'swarm.invite-refused', // the Swarm does not take it: its token was rotated
  'swarm.other-certificate', // who answers is not the Swarm that the invite means
  'swarm.unreachable', // no manager answers
  'swarm.address', // which address to be known by is unclear, or wrong
  'swarm.node-not-found',
  'swarm.refused', // would end or endanger the Swarm; `hint` says what to do first
  'swarm.conflict', // somebody else changed it at the same moment
  'team.not-linked', // this user has joined no team's services
  'team.already-linked', // to one team at a time
  'team.unreachable', // none of the services' addresses answers; `detail` has what each said
  'team.unavailable', // they answer, and cannot do it now: their database is away, or too much was asked
  'team.other-certificate', // who answers is not the team that the invite means
  'team.revoked', // this person's token holds no longer
  'team.refused', // not for this role, or not as asked; `message` is the services' own
  'team.pending', // the invite waits for an operator's approval
  'source.untrusted', // a command that gives a secret, from a file that the user has not marked as trusted
  'source.failed', // such a command failed; its own words are not shown
  'session.invalid', // web host: no or wrong session key
  'unsupported',
]);
export type ErrorCode = z.infer<typeof errorCode>;

/** The one shape in which a failure crosses a boundary. */
export const appError = z.object({
  code: errorCode,
  message: z.string(),
  hint: z.string().optional(),
  where: sourceLocation.optional(),
  /** Longer material behind "details": last lines of a build, a health log. Never holds secrets. */
  detail: z.string().optional(),
  diagnostics: z.array(diagnostic).optional(),
  /** True when the same call may succeed later without the user changing anything. */
  retry: z.boolean().optional(),
});
export type AppError = z.infer<typeof appError>;
