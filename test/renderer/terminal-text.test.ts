import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { plainText, toRuns } from '../../renderer/show/terminal-text.ts';
import { LogRowView } from '../../renderer/views/log-row.tsx';

const esc = String.fromCharCode(27);
const bell = String.fromCharCode(7);
const text = (raw: string) =>
  toRuns(raw)
    .map((run) => run.text)
    .join('');

test('colours become our own, by name, by table and by value', () => {
  expect(toRuns(`${esc}[31mred${esc}[0m plain`)).toEqual([
    { text: 'red', color: 'red', bold: false },
    { text: ' plain', color: undefined, bold: false },
  ]);
  expect(toRuns(`${esc}[38;5;208morange`)[0]?.color).toBe('yellow');
  expect(toRuns(`${esc}[38;2;20;40;220mblue`)[0]?.color).toBe('blue');
  expect(toRuns(`${esc}[1;92mok`)[0]).toEqual({ text: 'ok', color: 'green', bold: true });
});

test.each([
  ['a window title', `${esc}]0;owned${bell}text`, 'text'],
  ['a link', `${esc}]8;;https://evil.example${esc}\\text${esc}]8;;${esc}\\`, 'text'],
  ['cursor movement and erasing', `te${esc}[2K${esc}[1A${esc}[?25lxt`, 'text'],
  ['a character set', `${esc}(B${esc}7text`, 'text'],
  ['a rewritten line', 'progress 10 %\rprogress 20 %\rtext', 'text'],
  ['a carriage return at the end', 'text\r', 'text'],
  ['reordering marks', 'te\u202ext\u2066', 'text'],
  ['control characters', `te${String.fromCharCode(0, 8, 155)}xt`, 'text'],
])('%s leaves nothing but text', (_what, raw, expected) => {
  expect(text(raw)).toBe(expected);
  expect(plainText(raw)).toBe(expected);
});

test('markup in a log line is text', () => {
  const line = {
    seq: 0,
    service: 'default/shop/web',
    container: 'c',
    stream: 'stdout',
    text: '<img src=x onerror=alert(1)>',
  } as const;
  const markup = renderToStaticMarkup(
    createElement(LogRowView, { color: 1, row: { n: 0, kind: 'line', line, plain: line.text } }),
  );
  expect(markup).not.toContain('<img');
  expect(markup).toContain('&lt;img src=x onerror=alert(1)&gt;');
});
