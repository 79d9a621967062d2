import { describe, expect, it } from 'vitest';
import { findLoginAddress } from '../../../main/hosts/cli/commands/claude-login.ts';

const address = 'https://claude.com/cai/oauth/authorize?code=true&client_id=1&scope=a%3Ab+c&state=Xj67';

describe('the address of Claude’s login', () => {
  it.each([
    ['as it is printed', `Opening browser…\nIf the browser didn't open, visit: ${address}\nPaste code`, address],
    ['between a terminal’s controls', `\u001b[2mvisit: ${address}\u001b[22m\r\n`, address],
    ['while more of it may come', `visit: ${address}`, undefined],
    ['not of another site', 'visit: https://claude.com.evil.org/oauth/authorize?x \n', undefined],
    ['nor without encryption', 'visit: http://claude.ai/oauth/authorize?x \n', undefined],
    ['nor of another page', 'see https://docs.claude.com/en/setup \n', undefined],
    ['also after another address', `see https://docs.claude.com/x then ${address}\n`, address],
    ['and nothing when it is none', 'visit https://[ \n', undefined],
  ])('is found %s', (_where, text, expected) => expect(findLoginAddress(text)).toBe(expected));
});
