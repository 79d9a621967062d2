import type { ContainerState, Health } from '../../preload/contract/model.ts';

/** What is known about a container that is not well. */
export interface Symptoms {
  readonly state: ContainerState;
  readonly health: Health;
  readonly exitCode?: number;
  readonly oomKilled: boolean;
  /** The engine's own sentence when it could not start the container. */
  readonly error?: string;
  readonly healthOutput?: string;
  readonly restarts: number;
  /** Last lines of its log, where they were read. */
  readonly lastLines?: readonly string[];
}

export interface Diagnosis {
  /** The cause, as a sentence without a full stop. */
  readonly cause: string;
  /** What mends it. */
  readonly nextStep: string;
}

interface Rule {
  readonly when: RegExp;
  readonly cause: (match: RegExpExecArray) => string;
  readonly nextStep: (match: RegExpExecArray) => string;
}

/** Sentences of the engine and the runtime (moby 20.10 to 28, runc, crun), most telling first. */
const engineRules: readonly Rule[] = [
  {
    when: /(?:Bind for|listen (?:tcp|udp)\d?) ([^\s:]*:\d+).*(?:port is already allocated|address already in use)|failed to bind (?:host )?port.*?(\S+:\d+)/i,
    cause: (match) => `Port ${match[1] ?? match[2] ?? ''} is in use by something else`,
    nextStep: () => 'Stop what holds the port, or publish another one, then start again',
  },
  {
    when: /bind source path does not exist: (\S+)/i,
    cause: (match) => `The folder ${match[1]} to mount does not exist on the engine's machine`,
    nextStep: () => 'Create it, or correct the path in the file',
  },
  {
    when: /error mounting "([^"]+)".*(?:not a directory|Are you trying to mount a directory onto a file)/i,
    cause: (match) => `Cannot mount ${match[1]}: one side is a file and the other a folder`,
    nextStep: () => 'Make both a file or both a folder; a missing file is made as a folder by the engine',
  },
  {
    when: /error (?:while )?mounting (?:volume )?["']?([^"':]+)["']?/i,
    cause: (match) => `Cannot mount ${match[1]}`,
    nextStep: () => 'Look whether it exists and is readable for the engine',
  },
  {
    when: /exec format error/i,
    cause: () => 'The program is for another kind of processor, or a script without a first line "#!"',
    nextStep: () => 'Use an image for this machine (platform:), or build it here',
  },
  {
    when: /exec: "([^"]+)": (?:executable file not found|stat .*no such file)/i,
    cause: (match) => `The image has no program "${match[1]}"`,
    nextStep: () => 'Correct command or entrypoint, or use an image that has it',
  },
  {
    when: /no such file or directory/i,
    cause: () => 'The program, or the interpreter its first line names, is not in the image',
    nextStep: () => 'Correct command or entrypoint; a script with Windows line ends fails like this too',
  },
  {
    when: /exec: "([^"]+)": permission denied|permission denied/i,
    cause: (match) => (match[1] === undefined ? 'Permission was denied' : `"${match[1]}" may not be executed`),
    nextStep: () => 'Make it executable (chmod +x) and look at the user it runs as',
  },
  {
    when: /network ([\w.-]+) not found/i,
    cause: (match) => `Its network ${match[1]?.slice(0, 12)} is gone`,
    nextStep: () => 'Redeploy: the container is made anew with the network',
  },
  {
    when: /could not select device driver "?([^"\s]*)"? with capabilities: \[\[([^\]]*gpu[^\]]*)\]\]/i,
    cause: () => 'The engine has no driver for the GPU that the file asks for',
    nextStep: () => "Install the GPU vendor's container toolkit, or take the GPU out of the file",
  },
  {
    when: /no space left on device/i,
    cause: () => "The engine's disk is full",
    nextStep: () => 'Free space (docker system df shows what takes it), then start again',
  },
];

const logRules: readonly Rule[] = [
  {
    when: /EADDRINUSE|address already in use/i,
    cause: () => 'Inside the container, the port is in use already',
    nextStep: () => 'Look for a second process in the same container or network namespace',
  },
  {
    when: /EACCES|permission denied/i,
    cause: () => 'It was denied access to a file or port',
    nextStep: () => 'Look at the user it runs as and who owns the mounted folders',
  },
  {
    when: /ECONNREFUSED|connection refused/i,
    cause: () => 'It could not reach a service it needs',
    nextStep: () => 'Start that service first: depends_on with condition: service_healthy',
  },
  {
    when: /ENOSPC|no space left on device/i,
    cause: () => 'The disk is full',
    nextStep: () => 'Free space on the engine, then start again',
  },
  {
    when: /heap out of memory|OutOfMemoryError|MemoryError/,
    cause: () => 'It ran out of memory of its own accord',
    nextStep: () => "Raise the program's own memory limit (such as NODE_OPTIONS=--max-old-space-size)",
  },
];

/** docker's own exit codes, and those of signals (128 + number). https://docs.docker.com/engine/containers/run/#exit-status */
const exitCodes: Readonly<Record<number, Diagnosis>> = {
  125: { cause: 'The engine could not run it', nextStep: 'Look at the engine’s message in the details' },
  126: {
    cause: 'Its command was found but cannot be executed',
    nextStep: 'Make the file executable, or correct command and entrypoint',
  },
  127: {
    cause: 'Its command was not found',
    nextStep: 'Correct command or entrypoint, or use an image that has the program',
  },
  130: { cause: 'It was interrupted (SIGINT)', nextStep: 'Start it again' },
  132: {
    cause: 'It ran an instruction this processor does not have (SIGILL)',
    nextStep: 'Use an image made for this processor',
  },
  134: { cause: 'It gave up by itself (SIGABRT)', nextStep: 'Its last log lines say why' },
  135: { cause: 'It accessed memory that is not there (SIGBUS)', nextStep: 'Often shared memory: raise shm_size' },
  136: { cause: 'It made an arithmetic error (SIGFPE)', nextStep: 'Its last log lines say where' },
  137: {
    cause: 'It was killed (SIGKILL)',
    nextStep:
      'If nobody did that: it took longer to stop than the grace period, or the machine itself ran out of memory',
  },
  139: {
    cause: 'It crashed (segmentation fault)',
    nextStep: 'A defect of the program or of a native library; try another version of the image',
  },
  143: { cause: 'It was asked to end (SIGTERM)', nextStep: 'Start it again' },
};

const withLimit = (text: string, limit: number): string =>
  text.length > limit ? `${text.slice(0, limit - 1)}…` : text;

/** The first rule that fits one of the lines, newest line first. */
function match(rules: readonly Rule[], lines: readonly string[]): Diagnosis | undefined {
  for (const line of [...lines].reverse()) {
    for (const rule of rules) {
      const found = rule.when.exec(line);
      if (found !== null) return { cause: rule.cause(found), nextStep: rule.nextStep(found) };
    }
  }
  return undefined;
}

/** Last line with something in it: what a health check said. */
function lastWords(text: string | undefined): string | undefined {
  const lines = (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const last = lines.at(-1);
  return last === undefined ? undefined : withLimit(last, 160);
}

/**
 * Cause and next step for a container that is not well; undefined for one that is (running and healthy or without a health
 * check), or that ended as it should (exit code 0). Pure: what is known goes in, sentences come out.
 */
export function diagnose(symptoms: Symptoms): Diagnosis | undefined {
  const { state, health } = symptoms;
  if (symptoms.error !== undefined && symptoms.error !== '' && state !== 'running') {
    return (
      match(engineRules, [symptoms.error]) ?? {
        cause: `The engine could not start it: ${withLimit(symptoms.error, 300)}`,
        nextStep: 'Correct what the message names, then start again',
      }
    );
  }
  if (state === 'running' && health === 'unhealthy') {
    const words = lastWords(symptoms.healthOutput);
    return {
      cause: words === undefined ? 'Its health check fails' : `Its health check fails: ${words}`,
      nextStep: 'Look at its log; restart it if it does not recover',
    };
  }
  if (state === 'restarting') {
    const ended = describeExit(symptoms);
    return {
      cause: `It ends again and again (${times(symptoms.restarts)}). ${ended?.cause ?? 'It ends without an error'}`,
      nextStep: ended?.nextStep ?? 'A service has to keep running: its command ends at once',
    };
  }
  if (state === 'paused') return { cause: 'It is paused', nextStep: 'Restart it, or docker unpause it' };
  if (state === 'dead') {
    return {
      cause: 'The engine could not remove it completely',
      nextStep: 'Redeploy; if it stays, restart the engine',
    };
  }
  return state === 'exited' ? describeExit(symptoms) : undefined;
}

const times = (restarts: number): string => (restarts === 1 ? '1 restart' : `${restarts} restarts`);

function describeExit(symptoms: Symptoms): Diagnosis | undefined {
  const { exitCode, oomKilled, lastLines = [] } = symptoms;
  if (oomKilled) {
    return {
      cause: 'It used more memory than it may and was killed',
      nextStep: 'Raise its memory limit (mem_limit or deploy.resources.limits.memory), or make it use less',
    };
  }
  if (exitCode === undefined || exitCode === 0) return undefined;
  const fromLog = match(logRules, lastLines);
  const known = exitCodes[exitCode];
  if (known !== undefined) {
    return { cause: `${known.cause}, exit code ${exitCode}`, nextStep: fromLog?.nextStep ?? known.nextStep };
  }
  if (fromLog !== undefined) return { cause: `${fromLog.cause}, exit code ${exitCode}`, nextStep: fromLog.nextStep };
  if (exitCode > 128 && exitCode < 160) {
    return { cause: `Signal ${exitCode - 128} ended it, exit code ${exitCode}`, nextStep: 'Look at its log' };
  }
  const words = lastWords(lastLines.at(-1));
  return {
    cause: `It ended with exit code ${exitCode}${words === undefined ? '' : `: ${words}`}`,
    nextStep: 'Look at its log',
  };
}
