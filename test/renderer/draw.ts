import { createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { TeamServicesState } from '../../preload/contract/team-services.ts';
import { AppContext, type AppStores } from '../../renderer/store/context.ts';
import { createFakeClient } from './support.ts';

/** A store whose state stays what it is. */
export const still = <T>(state: T) => ({
  getState: () => state,
  getInitialState: () => state,
  subscribe: () => () => {},
});

/** A view as markup, with a team's services as they are in `state`; `stores` are what else the view looks at. */
export function draw(
  element: ReactElement,
  state: TeamServicesState,
  stores: { readonly [K in keyof AppStores]?: unknown } = {},
): string {
  const value = {
    client: createFakeClient().client,
    teamServices: still({ ...state, trouble: undefined }),
    clock: still({ now: Date.parse('2026-03-12T14:30:00Z') }),
    ...stores,
  };
  return renderToStaticMarkup(createElement(AppContext, { value: value as unknown as AppStores }, element));
}

/** What is read of it. */
export const text = (markup: string): string => markup.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
