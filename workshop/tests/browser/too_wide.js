// The element that makes the page wider than arguments[0], or null.
const width = arguments[0];
if (document.documentElement.scrollWidth <= width) return null;

// What a box of its own scrolls or cuts off does not widen the page.
const contained = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
        if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
};
const right = (element) => element.getBoundingClientRect().right;

let widest = document.body;
for (const element of document.body.querySelectorAll("*")) {
    if (right(element) > right(widest) && !contained(element)) widest = element;
}
const tag = widest.cloneNode(false).outerHTML.slice(0, 80);
const text = widest.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
return `${tag} "${text}" reaches to ${Math.ceil(right(widest))}`;
