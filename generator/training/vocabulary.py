"""What scenes are composed of: the classes, and the things that are no object of any class.

In: nothing. Out: names. A design is named as the Unicode CLDR names an emoji, in lower case with
hyphens; the icon sets of `families` use these names.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ObjectClass:
    """A class of objects.

    Attributes:
        coco_id, name: COCO's.
        designs: the emoji that show it; a family need not have all of them.
    """

    coco_id: int
    name: str
    designs: tuple[str, ...]


def _class(coco_id: int, name: str, designs: str) -> ObjectClass:
    return ObjectClass(coco_id, name, tuple(designs.split()))


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CLASSES: tuple[ObjectClass, ...] = (
    _class(1, "person", "person-standing man-standing woman-standing person-walking man-walking "
           "woman-walking person-running man-running woman-running man-dancing woman-dancing"),
    _class(2, "bicycle", "bicycle"),
    _class(3, "car", "automobile sport-utility-vehicle taxi"),
    _class(4, "motorcycle", "motorcycle motor-scooter"),
    _class(5, "airplane", "airplane small-airplane"),
    _class(6, "bus", "bus oncoming-bus minibus"),
    _class(7, "train", "locomotive high-speed-train bullet-train railway-car train tram-car"),
    _class(8, "truck", "delivery-truck articulated-lorry"),
    _class(9, "boat", "sailboat speedboat motor-boat ship passenger-ship canoe"),
    _class(10, "traffic light", "vertical-traffic-light horizontal-traffic-light"),
    _class(13, "stop sign", "stop-sign"),
    _class(16, "bird", "bird duck eagle parrot dove owl flamingo"),
    _class(17, "cat", "cat black-cat cat-face"),
    _class(18, "dog", "dog poodle guide-dog service-dog dog-face"),
    _class(19, "horse", "horse horse-face"),
    _class(20, "sheep", "ewe ram"),
    _class(21, "cow", "cow ox cow-face"),
    _class(22, "elephant", "elephant"),
    _class(23, "bear", "bear polar-bear"),
    _class(24, "zebra", "zebra"),
    _class(25, "giraffe", "giraffe"),
    _class(27, "backpack", "backpack"),
    _class(28, "umbrella", "umbrella umbrella-with-rain-drops umbrella-on-ground"),
    _class(31, "handbag", "handbag"),
    _class(33, "suitcase", "luggage briefcase"),
    _class(37, "sports ball", "soccer-ball basketball volleyball baseball"),
    _class(38, "kite", "kite"),
    _class(44, "bottle", "bottle-with-popping-cork baby-bottle"),
    _class(46, "wine glass", "wine-glass"),
    _class(47, "cup", "hot-beverage teacup-without-handle cup-with-straw"),
    _class(52, "banana", "banana"),
    _class(53, "apple", "red-apple green-apple"),
    _class(55, "orange", "tangerine"),
    _class(57, "carrot", "carrot"),
    _class(58, "hot dog", "hot-dog"),
    _class(59, "pizza", "pizza"),
    _class(60, "donut", "doughnut"),
    _class(61, "cake", "birthday-cake shortcake"),
    _class(62, "chair", "chair"),
    _class(63, "couch", "couch-and-lamp"),
    _class(64, "potted plant", "potted-plant"),
    _class(72, "tv", "television"),
    _class(73, "laptop", "laptop"),
    _class(77, "cell phone", "mobile-phone"),
    _class(84, "book", "closed-book green-book blue-book orange-book"),
    _class(85, "clock", "alarm-clock mantelpiece-clock"),
    _class(87, "scissors", "scissors"),
    _class(88, "teddy bear", "teddy-bear"),
)  # fmt: skip

DISTRACTORS: tuple[str, ...] = _names("""
    cactus balloon key star crescent-moon mushroom guitar house wrapped-gift bell gem-stone
    magnet crab turtle evergreen-tree fire light-bulb package top-hat anchor rocket snail
    sun cloud snowflake deciduous-tree palm-tree four-leaf-clover sunflower tulip rose
    cherry-blossom grapes watermelon strawberry pineapple cherries peach lemon tomato corn
    hot-pepper bread cheese-wedge french-fries cookie candy lollipop honey-pot ice-cream
    crown ring lipstick footprint high-heeled-shoe boot t-shirt jeans dress glasses
    hammer wrench axe nut-and-bolt candle flashlight battery computer-disk camera
    video-camera radio telephone hourglass-done envelope pencil paperclip
    pushpin lock unlocked trophy drum trumpet violin saxophone microphone
    octopus fish tropical-fish spouting-whale dolphin frog snake lady-beetle honeybee
    butterfly spider rabbit mouse-face pig-face monkey-face panda tiger-face
    ghost robot alien skull pile-of-poo jack-o-lantern snowman-without-snow
    christmas-tree moai tent mountain volcano ferris-wheel helicopter tractor
    police-car-light fuel-pump construction pill syringe thermometer
    red-heart broken-heart eyes nose ear mouth hand-with-fingers-splayed thumbs-up
""")
"""Emoji without a class that training shows: to detect one is a mistake."""

UNSEEN_DISTRACTORS: tuple[str, ...] = _names("""
    castle hot-air-balloon satellite crystal-ball teapot pretzel avocado eggplant bacon
    kangaroo hedgehog sloth penguin shrimp scorpion dragon-face dinosaur sauropod
    yo-yo puzzle-piece compass scroll toolbox ladder broom bucket hook telescope
    maple-leaf croissant pancakes sushi chestnut accordion banjo abacus umbrella-pole
    scarf gloves socks
""")
"""Emoji without a class that training never shows: with them the false boxes are counted."""
