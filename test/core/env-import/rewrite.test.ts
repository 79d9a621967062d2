import { describe, expect, test } from 'vitest';
import { moveOut, putBack, readCandidates } from '../../../main/core/env-import/rewrite.ts';

const none = () => undefined;
const move = (source: string, ...names: string[]) => moveOut(source, new Set(names), none);
const blocked = (source: string, name: string) =>
  readCandidates(source, none).candidates.find((one) => one.name === name)?.blocked;

describe('out of the file and back', () => {
  test.each([
    ['plain', 'A=1\nTOK=s3cret\nB=2\n', 'A=1\n# TOK is in the keychain (claude-env)\nB=2\n'],
    ['no line break at the end', 'TOK=s3cret', '# TOK is in the keychain (claude-env)'],
    [
      'export, spaces, a comment',
      '  export TOK = s3cret # mine\nB=2',
      '# TOK is in the keychain (claude-env) # mine\nB=2',
    ],
    ['a colon', 'TOK: s3cret\n', '# TOK is in the keychain (claude-env)\n'],
    ['quotes', 'TOK="a \\"b\\" \\$c \\\\d"\n', '# TOK is in the keychain (claude-env)\n'],
    ['single quotes', 'TOK=\'a $b "c" # d\'\n', '# TOK is in the keychain (claude-env)\n'],
    [
      'several lines',
      'A=1\nTOK="one\ntwo\nthree"  # end\nB=2\n',
      'A=1\n# TOK is in the keychain (claude-env)  # end\nB=2\n',
    ],
    ['CRLF', 'A=1\r\nTOK="one\r\ntwo"\r\nB=2\r\n', 'A=1\r\n# TOK is in the keychain (claude-env)\r\nB=2\r\n'],
    ['mixed line ends', 'A=1\r\nTOK=x\nB=2\r\n', 'A=1\r\n# TOK is in the keychain (claude-env)\nB=2\r\n'],
    ['a byte order mark', '\uFEFFTOK=x\nB=2\n', '\uFEFF# TOK is in the keychain (claude-env)\nB=2\n'],
    [
      'twice with one value',
      'TOK=s3cret\nB=2\nexport TOK="s3cret"\n',
      '# TOK is in the keychain (claude-env)\nB=2\n# TOK is in the keychain (claude-env)\n',
    ],
  ])('%s', (_title, source, expected) => {
    const moved = move(source, 'TOK');
    expect(moved.text).toBe(expected);
    for (const value of moved.values.values()) expect(JSON.stringify(moved.forms)).not.toContain(value);
    const back = putBack(moved.text, moved.forms, moved.values);
    expect(back.text).toBe(source);
    expect(back.left).toEqual([]);
  });

  test('a value is what the loader reads', () => {
    expect(move('TOK="a\\nb"\n', 'TOK').values.get('TOK')).toBe('a\nb');
    expect(move('TOK=a#b # c\n', 'TOK').values.get('TOK')).toBe('a#b');
  });

  test('another spelling of the same value, where the file’s own cannot be told', () => {
    const moved = move('TOK="a\\tb"\n', 'TOK');
    const back = putBack(moved.text, moved.forms, moved.values);
    expect(back.text).toBe('TOK="a\tb"\n');
    expect(move(back.text, 'TOK').values).toEqual(moved.values);
  });

  test('a value that has changed since is put back as it is now, quoted where it has to be', () => {
    const moved = move('TOK=x\n', 'TOK');
    expect(putBack(moved.text, moved.forms, new Map([['TOK', 'a #b']])).text).toBe("TOK='a #b'\n");
  });

  test('what cannot be put back is left and named', () => {
    const moved = move('A=1\nB=2\nC=3\nD=4\n', 'A', 'B', 'C', 'D');
    const edited = moved.text.replace('# B is in the keychain (claude-env)\n', '').concat('C=new\n');
    const back = putBack(edited, moved.forms, new Map([...moved.values].filter(([name]) => name !== 'D')));
    expect(back.restored.map(({ name }) => name)).toEqual(['A']);
    expect(Object.fromEntries(back.left.map(({ name, why }) => [name, why]))).toEqual({
      B: 'the file has no comment for it any more',
      C: 'the file has a line for it again',
      D: 'the keychain does not have it',
    });
    expect(back.text).toContain('A=1\n');
  });
});

describe('names that are offered', () => {
  test('each once, with line and sign, and no value', () => {
    const source = '# settings\nPORT=80\nDB_PASSWORD=hunter2\nURL=postgres://a:b@c/d\n';
    expect(readCandidates(source, none)).toEqual({
      candidates: [
        { name: 'PORT', line: 2 },
        { name: 'DB_PASSWORD', line: 3, sign: 'name' },
        { name: 'URL', line: 4, sign: 'address' },
      ],
      problems: [],
    });
  });

  test.each([
    ['TOK', 'TOK\n', /no value/],
    ['TOK', 'TOK=\n', /empty/],
    ['a.b', 'a.b=x\n', /no name/],
    ['COMPOSE_FILE', 'COMPOSE_FILE=x\n', /docker compose itself/],
    ['URL', 'U=a\nURL="x:$U"\n', /put together from U/],
    ['PASS', 'PASS=a\nURL=x:$PASS@h\n', /^URL in this file/],
    ['TOK', 'TOK=a\nTOK=b\n', /different values \(lines 1, 2\)/],
    ['TOK', 'TOK="a"b\n', /more text/],
  ])('%s of %j cannot be moved', (name, source, why) => expect(blocked(source, name)).toMatch(why));
});
