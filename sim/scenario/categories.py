"""Topics of videos and products (类目)."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field, model_validator

from sim.scenario.parameters import Fields, parameter

RETURN_RATES = {
    "womenswear": 0.65, "menswear": 0.4, "jewellery": 0.35, "dance": 0.3, "sports": 0.3, "mother_baby": 0.25,
    "travel": 0.25, "kitchen": 0.15, "health": 0.15, "pets": 0.15, "comedy": 0.15, "drama": 0.15, "music": 0.15,
    "food": 0.1, "liquor": 0.1, "books": 0.1, "games": 0.1, "knowledge": 0.1, "news": 0.1, "farming": 0.1,
}  # fmt: skip
"""Return rates by category; womenswear from one brand, all others assumed: the more goods must fit, the more come
back."""


class Category(Fields):
    """One topic of videos and products (类目)."""

    name: str = Field(description="English name", min_length=1, max_length=40)
    zh: str = Field("", description="Chinese name", max_length=40)
    sector: str = Field(
        "", description="category class (赛道) whose rooms are compared with each other in reviews", max_length=40
    )
    share: float = parameter(1.0, "relative weight", "how much of all taste and content falls to it", gt=0, le=1000)
    return_rate: float = parameter(
        0.2,
        "share",
        "paid orders that come back (退货率); a category of a name below has the rate there unless it says otherwise",
        "0.65 in womenswear: one brand, 60 to 70 % in live rooms, 2021; all others assumed",
        ge=0,
        le=1,
    )

    @model_validator(mode="before")
    @classmethod
    def _rate_by_name(cls, given: Any) -> Any:
        if isinstance(given, dict) and "return_rate" not in given and given.get("name") in RETURN_RATES:
            return given | {"return_rate": RETURN_RATES[given["name"]]}
        return given


CATEGORIES = tuple(
    Category(name=name, zh=zh, sector=sector, share=share)
    for name, zh, sector, share in [
        ("comedy", "搞笑", "leisure", 1.6), ("drama", "剧情", "leisure", 1.4), ("music", "音乐", "leisure", 1.2),
        ("dance", "舞蹈", "leisure", 1.1), ("food", "美食", "food", 1.5), ("beauty", "美妆", "care", 1.3),
        ("womenswear", "女装", "apparel", 1.5), ("menswear", "男装", "apparel", 0.7),
        ("mother_baby", "母婴", "care", 1.0), ("home", "家居", "home", 1.0), ("kitchen", "厨具", "home", 0.7),
        ("digital", "数码", "home", 0.8), ("cars", "汽车", "leisure", 0.9), ("games", "游戏", "leisure", 1.2),
        ("sports", "运动", "apparel", 0.8), ("travel", "旅行", "leisure", 0.9), ("pets", "宠物", "home", 1.0),
        ("knowledge", "知识", "leisure", 0.9), ("news", "时政", "leisure", 1.0), ("health", "健康", "care", 0.7),
        ("jewellery", "珠宝", "apparel", 0.6), ("liquor", "酒水", "food", 0.5), ("books", "图书", "leisure", 0.5),
        ("farming", "三农", "food", 0.9),
    ]
)  # fmt: skip
"""Shares are assumed: what people like to watch, and what sells in live rooms, in one list. So are the sectors."""


def sectors(categories: Sequence[Category]) -> list[int]:
    """The number of each category's sector (赛道), counted as they come."""
    names = list(dict.fromkeys(category.sector for category in categories))
    return [names.index(category.sector) for category in categories]
