import type { ComponentType } from "react";
import type { HeadingLevel } from "./score-actions";
import { ScoresDisplay } from "./scores-display";
import type { DataSourceRequestHandler, ScoresHost } from "./types";

/** What OpenG2P's widget registry gives to its widgets; a host that renders the component itself may pass the rest. */
export interface RegisteredWidgetProps {
  config: object;
  context?: { getFieldValue?: ((path: string) => unknown) | undefined } | undefined;
  dataSourceRequestHandler?: DataSourceRequestHandler | undefined;
  schemaData?: Record<string, unknown> | undefined;
  values?: Record<string, unknown> | undefined;
}

export interface WidgetRegistry {
  register(entry: { widget: string; component: ComponentType<RegisteredWidgetProps> }): unknown;
}

export interface RegistrationOptions {
  /** A hook of the host's, as what it offers lives in its own contexts and stores. */
  useHost?: (() => ScoresHost) | undefined;
  /** Of the histories' titles, one below the titles that the host puts above its widgets. */
  headingLevel?: HeadingLevel | undefined;
}

/** The widget's name in a UI schema. */
export const SCORES_DISPLAY = "scores-display";

/** Makes the host's registry know the widget. */
export function registerScoresDisplay(registry: WidgetRegistry, options: RegistrationOptions = {}): void {
  registry.register({ widget: SCORES_DISPLAY, component: scoresDisplayFor(options) });
}

function useNoHost(): ScoresHost {
  return {};
}

function scoresDisplayFor({ useHost = useNoHost, headingLevel }: RegistrationOptions) {
  function RegisteredScoresDisplay(props: RegisteredWidgetProps) {
    const offered = useHost();
    return <ScoresDisplay config={props.config} host={merged(offered, props)} headingLevel={headingLevel} />;
  }
  return RegisteredScoresDisplay;
}

/** What is passed to this very widget comes before what the host offers to all. */
function merged(offered: ScoresHost, props: RegisteredWidgetProps): ScoresHost {
  return {
    ...offered,
    handler: props.dataSourceRequestHandler ?? offered.handler,
    values: props.values ?? offered.values,
    schemaData: props.schemaData ?? offered.schemaData,
    getFieldValue: props.context?.getFieldValue ?? offered.getFieldValue,
  };
}
