import {
  type DataSourceRequestHandler,
  registerScoresDisplay,
  type ScoresHost,
  type WidgetRegistry,
} from "@steadyscore/scores-display";

/** What `useWidgetContext` of OpenG2P's widget package answers. */
interface WidgetContext {
  dataSourceRequestHandler?: DataSourceRequestHandler;
  schemaData?: Record<string, unknown>;
}

/** Call this once, after OpenG2P's own widgets are registered: who registers a name last, serves it. */
export function registerScores(widgetRegistry: WidgetRegistry, useWidgetContext: () => WidgetContext) {
  registerScoresDisplay(widgetRegistry, {
    useHost(): ScoresHost {
      const { dataSourceRequestHandler, schemaData } = useWidgetContext();
      return { handler: dataSourceRequestHandler, schemaData };
    },
  });
}
