import { expect, it } from 'vitest';
import { signersAt } from '../../../resources/images/config-sync/src/signers.mjs';

const key = 'ssh-ed25519 AAAA valid-before="20200101"';
const now = new Date('2026-11-22T12:00:00Z');

it.each([
  ['a@x namespaces="git"', true],
  ['a@x namespaces="git",valid-before="20261123"', true],
  ['a@x namespaces="git",valid-before="20261122"', false],
  ['a@x valid-before="202611221200"', false],
  ['a@x valid-before="20261122120001Z"', true],
  ['a@x Valid-Before="20250101Z",namespaces="git"', false],
  ['a@x valid-before=20250101', false],
  ['a@x valid-after="20261122"', true],
  ['a@x valid-after="20261123"', false],
  ['*@x cert-authority,valid-after="20250101",valid-before="20260101"', false],
])('%s holds now: %s', (signer, holds) => {
  expect(signersAt(`# who may\n${signer} ${key}\n`, now)).toBe(`# who may\n${holds ? `${signer} ${key}\n` : ''}`);
});
