import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@steadyscore/scores-display/styles.css";
import "./console.css";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { loadTexts } from "./texts";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no #root");
createRoot(root).render(<App translations={await loadTexts()} />);
