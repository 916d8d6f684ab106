import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { type AttributeNode, type Attributes, attributeTree } from "./attributes";
import "./records.css";
import { Path, Value } from "./value";

interface AttributeListProps {
  attributes: Attributes;
  /** The register's attributes, where they are known: what is missing in the record is shown as missing. */
  declared?: Readonly<Record<string, string>> | undefined;
}

/** What a record holds, name by name, what belongs together within one another. */
export function AttributeList({ attributes, declared = {} }: AttributeListProps) {
  return <Level nodes={attributeTree(attributes, declared)} />;
}

/** Only names are indented, so that all values stand beneath each other. */
function Level({ nodes, depth = 0 }: { nodes: AttributeNode[]; depth?: number }) {
  return (
    <dl className="record-attributes" style={{ "--depth": depth } as CSSProperties}>
      {nodes.map((node) => (
        <div key={node.path} className={node.children.length > 0 ? "record-holder" : undefined}>
          <dt>
            <Path>{node.name}</Path>
            {node.type !== undefined && <TypeName type={node.type} />}
          </dt>
          <dd>
            {node.children.length > 0 ? (
              <Level nodes={node.children} depth={depth + 1} />
            ) : (
              <Value value={node.value} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function TypeName({ type }: { type: string }) {
  const { t } = useTranslation("records");
  return <span className="record-type">{t(`type_${type}`, { defaultValue: type })}</span>;
}
