import "@fontsource-variable/inter/index.css";
import "./look/colours.css";
import "./look/base.css";
import "./look/alarm-fill.css";
import { mount } from "svelte";
import App from "./App.svelte";
import PairView from "./views/PairView.svelte";

const target = document.getElementById("app");
if (target !== null) mount(location.pathname === "/pair" ? PairView : App, { target });
