"""Who sees what next: a page by value (排序), spaced by topic (打散). Knows tags and counters, never a taste."""

from sim.core.arrays import Row
from sim.core.catalogue import CLOSED
from sim.core.compiler import fetch, loop, rule, unsigned
from sim.core.event_log import BOOSTED, FOLLOW, RANDOM, RECOMMENDED
from sim.core.randomness import BOOSTED_PLACE, FOLLOW_PLACE, PAGE, draw
from sim.recommender.boosted_slots import boost_is_left, in_audience
from sim.recommender.candidates import (
    FIRST_WAVE,
    LONGEST_PAGE,
    NOTHING,
    OTHERS,
    Workspace,
    any_room,
    best_candidate,
    best_room,
    followed_room,
    recall_more,
    strongest,
    weigh,
)
from sim.recommender.hash_rings import ring_place
from sim.recommender.inventory import Inventory
from sim.recommender.scoring import match_bucket, match_offer, match_video
from sim.recommender.snapshot import ALL
from sim.recommender.viewer_history import FOLLOWS, NO_TOPIC, look_up, seen_bit, was_seen

CIRCLE = 4294967296.0


@rule
def is_on_page(served: Row, length: int, item: int) -> bool:
    """Whether the page has the item already."""
    found = False
    for place in range(length):
        found = found or served.page[place] == item
    return found


@rule
def may_join(rules: Row, workspace: Workspace, served: Row, length: int, item: int, author: int) -> bool:
    """Whether a video may join the page: it is not there, nor is its author, if a page shows no author twice."""
    if rules.one_author != 1:
        return not is_on_page(served, length, item)
    found = author in (workspace.authors[LONGEST_PAGE], workspace.authors[LONGEST_PAGE + 1])
    for place in range(length):
        found = found or workspace.authors[place] == author
    return not found


@rule
def put(workspace: Workspace, served: Row, length: int, item: int, author: int, match_source: int) -> int:
    """Put an item on the page; returns the page's length."""
    place = unsigned(length)
    served.page[place], served.match_source[place], workspace.authors[place] = item, match_source, author
    return length + 1


@rule
def take(
    inventory: Inventory, rules: Row, workspace: Workspace, kind: int, avoid: int, served: Row, length: int, shard: int
) -> int:
    """Put on the page the candidate of most value of one kind, or where there is none of the other, whose topic is not
    `avoid`; returns its topic, or NO_TOPIC. One that is used up in this shard, or on the page already, or whose author
    is, is passed over.
    """
    for of in (kind, 1 - kind):
        best = best_candidate(workspace, of, avoid)
        while best >= 0:
            line, place = unsigned(of), unsigned(best)
            seat, workspace.ranks[line, place] = unsigned(workspace.seats[line, place]), NOTHING
            item, author = inventory.recall.items[seat], inventory.recall.authors[seat]
            if inventory.left[unsigned(shard), seat] > 0 and may_join(rules, workspace, served, length, item, author):
                put(workspace, served, length, item, author, workspace.match_sources[line, place])
                return int(workspace.topics[line, place])
            best = best_candidate(workspace, of, avoid)
    return NO_TOPIC


@rule
def draw_lots(inventory: Inventory, rules: Row, workspace: Workspace, at_random: float, shard: int) -> None:
    """Find where the page's random items stand on the ring of all, and ask ahead for them: each is far from all else
    that a page reads. There is none, -1, where nothing is open.
    """
    recall = inventory.recall
    low, high = recall.start[ALL], recall.start[ALL + 1]
    for nth in range(rules.random):
        place = -1
        if low < high:
            at = int((at_random + nth / rules.page) % 1.0 * CIRCLE)
            place = ring_place(recall.marks, ALL, recall.keys, low, high, at)
            fetch(recall.bits, place)
            fetch(recall.entries, place)
            fetch(recall.items, place)
            fetch(recall.authors, place)
            fetch(inventory.left[shard], place)
        workspace.lots[nth] = place


@rule
def lot_fits(
    inventory: Inventory, rules: Row, workspace: Workspace, served: Row, length: int, avoid: int, place: int, shard: int
) -> bool:
    """Whether the random item at a place of the ring of all can be put on the page."""
    recall = inventory.recall
    if place < 0:
        return False
    lot = unsigned(place)
    if recall.entries[lot].topic == avoid or inventory.left[unsigned(shard), lot] == 0:
        return False
    return not was_seen(workspace.seen, recall.bits[lot]) and may_join(
        rules, workspace, served, length, recall.items[lot], recall.authors[lot]
    )


@rule
def author_of(inventory: Inventory, item: int) -> int:
    """The creator of a video, or the host of a room."""
    return int(inventory.videos[item].creator) if item >= 0 else int(inventory.rooms[~item].host)


@rule
def can_be_boosted(
    inventory: Inventory,
    rules: Row,
    served: Row,
    workspace: Workspace,
    length: int,
    place: int,
    item: int,
    shun: int,
) -> bool:
    """Whether a boosted item can be shown at a place: it is not on the page, nor is its author at another place; a
    video that was not seen, a room that is open.
    """
    if is_on_page(served, length, item):
        return False
    author = author_of(inventory, item)
    for other in range(length):
        if rules.one_author == 1 and other != place and workspace.authors[other] == author:
            return False
    if item >= 0:
        return not was_seen(workspace.seen, seen_bit(item))
    return ~item != shun and inventory.rooms[~item].segment != CLOSED


@loop
def place_boosted(
    inventory: Inventory,
    served: Row,
    viewer: int,
    length: int,
    shun: int,
    rules: Row,
    workspace: Workspace,
    seed: int,
    shard: int,
) -> int:
    """Give one of the page's places to a boosted item whose audience the viewer is in; returns the page's length."""
    boosts = inventory.boosts
    count = boosts.size[0]
    if length == 0:
        return length
    u, v, _, _ = draw(seed, BOOSTED_PLACE, viewer, (int(served.pages) - 1) & 0xFFFF, 0)
    chance = min(1.0, rules.page * rules.boosted_share)
    if u >= chance:
        return length
    place, start = min(int(u / chance * rules.page), length), 0
    while start < count and boosts.rows[boosts.ring[start]].key < v * CIRCLE:
        start += 1
    for nth in range(count):
        row = boosts.ring[(start + nth) % count]
        boost = boosts.rows[row]
        item = int(boost.item)
        if (
            in_audience(boosts, boost, viewer)
            and boost_is_left(boosts, inventory.billed, row, rules.shards, shard)
            and can_be_boosted(inventory, rules, served, workspace, length, place, item, shun)
        ):
            if item >= 0:
                match = match_video(workspace.interest_profile, inventory.videos[item])
            else:
                match = match_offer(workspace.interest_profile, inventory.recall.offers[~item])
            put(workspace, served, place, item, author_of(inventory, item), match_bucket(match) | (BOOSTED << 4))
            return max(length, place + 1)
    return length


@loop
def followed_place(inventory: Inventory, served: Row, viewer: int, shun: int, rules: Row, seed: int) -> tuple[int, int]:
    """A place of the page to be asked for, and the live host whom the viewer follows for it, as (place, room); -1 for
    none.
    """
    u, v, _, _ = draw(seed, FOLLOW_PLACE, viewer, served.pages, 0)
    chance = min(1.0, rules.page * rules.follow_share)
    if u >= chance:
        return -1, -1
    return int(u / chance * rules.page), followed_room(inventory, served, shun, int(v * FOLLOWS))


@rule
def request_page(
    inventory: Inventory, served: Row, viewer: int, shun: int, rules: Row, workspace: Workspace, seed: int, shard: int
) -> int:
    """Rank one page for a viewer whose belief is in the workspace; returns its length.

    Of the page's places one may be offered to a room, one to a followed host who is live, some go to fresh items and
    to one drawn at random, in an order that starts at a place of the page's own; the rest go by value. No topic
    follows itself, and no author is shown twice. Where nothing is left of the viewer's strongest tags, weaker ones are
    recalled too. Room `shun`, which the viewer has just been in, is not offered again.
    """
    u, at_random, live, at_room = draw(seed, PAGE, viewer, served.pages, 0)
    draw_lots(inventory, rules, workspace, at_random, shard)
    follow_place, followed = -1, -1
    if rules.follow_share > 0.0:
        follow_place, followed = followed_place(inventory, served, viewer, shun, rules, seed)
    served.pages = (served.pages + 1) & 0xFFFF
    look_up(served, workspace.seen)
    categories, at = len(workspace.interest_profile), int(u * CIRCLE)
    first_tag = int(at_room * categories)  # which of equally strong tags comes first
    weigh(workspace.interest_profile, first_tag, workspace.keys)
    strongest(workspace.keys, workspace.top, 0, min(rules.tags, categories))
    workspace.counts[FIRST_WAVE] = workspace.counts[OTHERS] = 0
    chance = min(1.0, rules.page * rules.live_share * inventory.recall.live[0])
    live_place = int(live / chance * rules.page) if live < chance else -1
    room, bucket = -1, 0
    if live_place >= 0:
        room, _, bucket = any_room(inventory, rules, workspace, shun, int(at_room * CIRCLE), shard)
        if room < 0 or at_random >= rules.live_random:
            room, _, bucket = best_room(inventory, served, rules, workspace, shun, int(at_room * CIRCLE), shard)
    workspace.authors[LONGEST_PAGE] = inventory.rooms[room].host if room >= 0 else -1
    workspace.authors[LONGEST_PAGE + 1] = inventory.rooms[followed].host if followed >= 0 else -1
    first = int(u * 1048576.0) % rules.page  # where the special places start
    length = tops = 0
    avoid = int(served.topic) if rules.spacing == 1 else NO_TOPIC
    for place in range(rules.page):
        if place == follow_place and followed >= 0:
            match = match_offer(workspace.interest_profile, inventory.recall.offers[followed])
            match_source = match_bucket(match) | (FOLLOW << 4)
            length = put(workspace, served, length, ~followed, inventory.rooms[followed].host, match_source)
            continue
        if place == live_place and room >= 0 and room != followed:
            length = put(workspace, served, length, ~room, inventory.rooms[room].host, bucket | (RECOMMENDED << 4))
            continue
        slot = place + first
        slot = slot - rules.page if slot >= rules.page else slot
        if slot < rules.random:
            place_of_lot = workspace.lots[slot]
            if lot_fits(inventory, rules, workspace, served, length, avoid, place_of_lot, shard):
                lot = unsigned(place_of_lot)
                video = inventory.recall.entries[lot]
                match_source = match_bucket(match_video(workspace.interest_profile, video)) | (RANDOM << 4)
                item, author = inventory.recall.items[lot], inventory.recall.authors[lot]
                length = put(workspace, served, length, item, author, match_source)
                avoid = int(video.topic) if rules.spacing == 1 else NO_TOPIC
                continue
        kind = FIRST_WAVE if rules.random <= slot < rules.random + rules.fresh else OTHERS
        lacking = True
        while lacking:
            topic = take(inventory, rules, workspace, kind, avoid, served, length, shard)
            lacking = topic == NO_TOPIC and tops < categories
            if lacking:
                tops = recall_more(inventory, served, rules, workspace, tops, at)
        if topic != NO_TOPIC:
            length += 1
            avoid = topic if rules.spacing == 1 else NO_TOPIC
    served.topic = avoid
    if rules.boosted_share > 0.0 and inventory.boosts.size[0] > 0:
        length = place_boosted(inventory, served, viewer, length, shun, rules, workspace, seed, shard)
    served.place, served.length = 0, length
    return length
