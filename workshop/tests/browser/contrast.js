// How readable the text within elements is: arguments[0] selects them. Returns how many pieces of
// text were looked at, and those of less contrast than WCAG 2 asks of text, 4.5 to 1.
const ENOUGH = 4.5;

// Any colour of CSS as red, green, blue from 0 to 255 and alpha from 0 to 1: the browser knows how.
const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const pen = canvas.getContext("2d", { willReadFrequently: true });
const colours = new Map();
const parse = (text) => {
    if (!colours.has(text)) {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = text;
        pen.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
        colours.set(text, [red, green, blue, alpha / 255]);
    }
    return colours.get(text);
};

// What is seen where `above` is painted on the opaque `below`.
const blend = (above, below, opacity = 1) => {
    const alpha = above[3] * opacity;
    return [0, 1, 2].map((i) => above[i] * alpha + below[i] * (1 - alpha)).concat(1);
};

const luminance = (colour) => {
    const linear = (part) => {
        const value = part / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
};

const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
};

const ancestors = (element) => {
    const all = [];
    for (let one = element; one; one = one.parentElement) all.unshift(one);
    return all;
};

// The opacity of an element is that of all that it is in.
const opacity = (element) =>
    ancestors(element).reduce((product, one) => product * getComputedStyle(one).opacity, 1);

// The share of a box that another one covers.
const covered = (box, other) => {
    const width = Math.min(box.right, other.right) - Math.max(box.left, other.left);
    const height = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
    return (Math.max(0, width) * Math.max(0, height)) / (box.width * box.height);
};

// What text stands on: more than one colour where a shape is behind a part of it.
const backgrounds = (element, box) => {
    const white = [255, 255, 255, 1];
    let all = [ancestors(element).reduce(
        (below, one) => blend(parse(getComputedStyle(one).backgroundColor), below), white)];
    const drawing = element.closest("svg");
    for (const shape of drawing?.querySelectorAll("rect, circle, ellipse, polygon, path") ?? []) {
        const isBehind = shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
        const style = getComputedStyle(shape);
        const share = covered(box, shape.getBoundingClientRect());
        if (!isBehind || style.fill === "none" || !shape.checkVisibility() || share < 0.1) continue;
        const painted = all.map((below) =>
            blend(parse(style.fill), below, style.fillOpacity * opacity(shape)));
        all = share > 0.9 ? painted : all.concat(painted);
    }
    return all;
};

const hex = (colour) =>
    "#" + colour.slice(0, 3).map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");

// Colours that are on their way would be measured on their way, and folded text not at all.
if (!document.getElementById("no-transitions")) {
    const style = document.createElement("style");
    style.id = "no-transitions";
    style.textContent = "*, ::before, ::after { transition: none !important; animation: none !important }";
    document.head.append(style);
}
document.querySelectorAll("details").forEach((details) => (details.open = true));

let checked = 0;
const faults = [];
for (const root of document.querySelectorAll(arguments[0])) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        // The text of an option is seen in its select.
        const element = text.parentElement.closest("select") ?? text.parentElement;
        const range = document.createRange();
        range.selectNodeContents(element.matches("select") ? element : text);
        const box = element.matches("select") ? element.getBoundingClientRect() : range.getBoundingClientRect();
        const seen = element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        if (!text.data.trim() || !seen || box.width * box.height === 0) continue;
        checked += 1;
        const style = getComputedStyle(element);
        const paint = element.closest("svg") ? style.fill : style.color;
        for (const below of backgrounds(element, box)) {
            const above = blend(parse(paint), below, opacity(element));
            const ratio = contrast(above, below);
            if (ratio < ENOUGH) {
                const path = ancestors(element).slice(-3).map((one) =>
                    [one.localName, ...one.classList].join("."));
                faults.push(`"${text.data.trim().slice(0, 30)}" in ${path.join(" ")}: ${hex(above)} on ${hex(below)} is ${ratio.toFixed(2)} to 1`);
            }
        }
    }
}
return { checked, faults };
