import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { label } from '../core/plan/labels.ts';
import { inspectContainer } from './containers.ts';
import { sentenceOf, statusOf } from './errors.ts';

/*
 * A program that is killed leaves calls behind which the engine carries out all the same: 20.10 creates the container, or
 * removes it, though nobody waits for the answer. Whoever plans a moment later has not seen that yet and finds a name
 * taken. Only what such a call can have left gives way; any other holder of the name is a failure.
 */

const isNameConflict = (error: unknown): boolean =>
  statusOf(error) === 409 && /name .* is already in use/i.test(sentenceOf(error));

const isUnavailable = (error: unknown): boolean => statusOf(error) === 404;

/** The same container, created and never started: the one that an interrupted call was about. */
function isTwin(info: ContainerInspectInfo, labels: Readonly<Record<string, string>>): boolean {
  const identity = [label.project, label.service, label.containerNumber, label.configHash, label.oneOff];
  return info.State.Status === 'created' && identity.every((name) => info.Config.Labels?.[name] === labels[name]);
}

export interface NameUse {
  readonly docker: Docker;
  readonly name: string;
  /** Labels of the container that is being created; absent for a rename. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs it, and once more when the name is taken by what an interrupted call left. */
export async function takingName<T>({ docker, name, labels, signal }: NameUse, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isNameConflict(error)) throw error;
    const holder = await inspectContainer(docker, name, signal);
    if (holder !== undefined) {
      const target = docker.getContainer(holder.Id);
      const goes = async (work: Promise<unknown>): Promise<void> => {
        await work.catch((reason: unknown) => {
          if (!isUnavailable(reason)) throw reason;
        });
      };
      if (holder.State.Status === 'removing') await goes(target.wait({ condition: 'removed', abortSignal: signal }));
      else if (labels !== undefined && isTwin(holder, labels)) {
        await goes(target.remove({ force: true, v: true, abortSignal: signal }));
      } else throw error;
    }
    return run();
  }
}
