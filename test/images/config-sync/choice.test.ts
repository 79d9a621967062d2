import { describe, expect, it } from 'vitest';
import {
  type Candidate,
  chooseRevision,
  judgeApproval,
  toRelation,
} from '../../../resources/images/config-sync/src/choice.mjs';

const candidate = (sha: string, state: 'good' | 'bad' | 'none' | 'unknown-signer', reason?: string): Candidate => ({
  sha,
  tree: '',
  subject: '',
  author: '',
  date: '',
  signed: state !== 'none',
  signature: { state, signer: state === 'good' ? 'alice' : null },
  refusal: reason === undefined ? null : { reason, path: 'x', message: `x: a ${reason}` },
});
const shas = (candidates: readonly Candidate[]) => candidates.map(({ sha }) => sha);
const choose = (...args: Parameters<typeof chooseRevision>) => {
  const { offer, pending, problem } = chooseRevision(...args);
  return { offer: offer?.sha ?? null, pending: shas(pending), problem: problem?.code ?? null };
};

describe('which revision is offered', () => {
  it('is the newest with a good signature; what is newer waits', () => {
    const list = [candidate('d', 'none'), candidate('c', 'good'), candidate('b', 'good'), candidate('a', 'none')];
    expect(choose('grown', list)).toEqual({ offer: 'c', pending: ['d'], problem: null });
    expect(choose('first', list)).toEqual({ offer: 'c', pending: ['d'], problem: null });
  });

  it.each(['bad', 'none', 'unknown-signer'] as const)('is none of those whose signature is %s', (state) => {
    expect(choose('grown', [candidate('b', state), candidate('a', state)])).toEqual({
      offer: null,
      pending: ['b', 'a'],
      problem: null,
    });
  });

  it('is none that a tree’s flaw refuses, signed or not; the newest without one is, and the flaw is told', () => {
    const list = [candidate('c', 'good', 'symlink'), candidate('b', 'good'), candidate('a', 'good', 'symlink')];
    expect(choose('grown', list)).toEqual({ offer: 'b', pending: ['c'], problem: 'revision.refused' });
    expect(choose('grown', [candidate('c', 'good', 'symlink')])).toMatchObject({
      offer: null,
      problem: 'revision.refused',
    });
    // What an unsigned one would be refused for is between its author and who approves it.
    expect(choose('grown', [candidate('c', 'none', 'symlink')])).toEqual({
      offer: null,
      pending: ['c'],
      problem: null,
    });
  });

  it('is never, by a signature, one that takes back what members have', () => {
    expect(choose('rewritten', [candidate('b', 'good'), candidate('a', 'good')])).toEqual({
      offer: null,
      pending: ['b', 'a'],
      problem: 'history.rewritten',
    });
  });

  it.each([
    [{ current: null, head: 'a', contained: false }, 'first'],
    [{ current: 'a', head: 'a', contained: true }, 'same'],
    [{ current: 'a', head: 'b', contained: true }, 'grown'],
    [{ current: 'a', head: 'b', contained: false }, 'rewritten'],
  ])('starts from how the branch relates to what is offered: %j is %s', (facts, relation) => {
    expect(toRelation(facts)).toBe(relation);
  });
});

describe('an operator’s approval', () => {
  const facts = { current: 'c', pending: ['e', 'd'], older: false };
  it('is for exactly one of those that wait', () => {
    expect(judgeApproval('e', facts)).toBe('possible');
    expect(judgeApproval('d', facts)).toBe('possible');
    expect(judgeApproval('c', facts)).toBe('offered');
    expect(judgeApproval('x', facts)).toMatchObject({ code: 'revision.unknown' });
    expect(judgeApproval('b', { ...facts, older: true })).toMatchObject({ code: 'revision.older' });
    // After a force-push to an older commit that one waits, and may be approved.
    expect(judgeApproval('b', { current: 'c', pending: ['b'], older: true })).toBe('possible');
  });
});
