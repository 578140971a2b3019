"""Topics of videos and products (类目)."""

from pydantic import Field

from sim.scenario.parameters import Fields, parameter


class Category(Fields):
    """One topic of videos and products (类目)."""

    name: str = Field(description="English name", min_length=1, max_length=40)
    zh: str = Field("", description="Chinese name", max_length=40)
    share: float = parameter(1.0, "relative weight", "how much of all taste and content falls to it", gt=0, le=1000)


CATEGORIES = tuple(
    Category(name=name, zh=zh, share=share)
    for name, zh, share in [
        ("comedy", "搞笑", 1.6), ("drama", "剧情", 1.4), ("music", "音乐", 1.2), ("dance", "舞蹈", 1.1),
        ("food", "美食", 1.5), ("beauty", "美妆", 1.3), ("womenswear", "女装", 1.5), ("menswear", "男装", 0.7),
        ("mother_baby", "母婴", 1.0), ("home", "家居", 1.0), ("kitchen", "厨具", 0.7), ("digital", "数码", 0.8),
        ("cars", "汽车", 0.9), ("games", "游戏", 1.2), ("sports", "运动", 0.8), ("travel", "旅行", 0.9),
        ("pets", "宠物", 1.0), ("knowledge", "知识", 0.9), ("news", "时政", 1.0), ("health", "健康", 0.7),
        ("jewellery", "珠宝", 0.6), ("liquor", "酒水", 0.5), ("books", "图书", 0.5), ("farming", "三农", 0.9),
    ]
)  # fmt: skip
