// The element that makes the page wider than arguments[0], or null.
const width = arguments[0];

// mdBook's themes give the page's content a box of its own, which would scroll sideways.
const pages = [document.documentElement, document.getElementById("mdbook-content")];
if (pages.every((page) => page.scrollWidth <= width)) return null;

// What a smaller box scrolls or cuts off does not widen the page.
const contained = (element) => {
    for (let box = element.parentElement; !pages.includes(box); box = box.parentElement) {
        if (box !== document.body && getComputedStyle(box).overflowX !== "visible") return true;
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
