import type { ContainerInfo } from 'dockerode';
import type { Observed, ObservedContainer } from '../core/plan/plan.ts';
import { fromLabels, toMounts, toNetworks, toState } from './inspect.ts';

/*
 * `GET /containers/json` in our words. Pure. The engine has the list ready, but answers for a single container only when
 * nobody else is busy with that one: ten inspects before a `down`, and ten more when it runs, cost a tenth of its time.
 */

/** Links show up as further names, with two slashes. */
export const ownName = ({ Names, Id }: ContainerInfo): string =>
  Names.find((name) => name.lastIndexOf('/') === 0)?.slice(1) ?? Id.slice(0, 12);

/** Podman's lists leave mounts out (containers/podman#12734, #24878). */
export const listsAll = ({ product }: Observed['engine']): boolean => product !== 'Podman';

/**
 * What ends a container needs to know of it: a list has its state, labels, networks and mounts. Health, ports and what is
 * missing in it are left out, and so are `details`.
 */
export const toListedContainer = (info: ContainerInfo): ObservedContainer => ({
  id: info.Id,
  name: ownName(info),
  ...fromLabels(info.Labels ?? {}),
  state: toState(info.State),
  health: 'none',
  imageId: info.ImageID,
  networks: toNetworks(info.NetworkSettings?.Networks),
  mounts: toMounts(info.Mounts),
  ports: [],
  hasHealthcheck: false,
});
