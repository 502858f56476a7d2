"""The words of made-up exports: titles, names, tags, reviews. `made_up` and its parts read them.

A changed title word changes made-up films everywhere, and with them every recorded figure.
"""


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _split(
    """
    Amber Ancient Ashen Bitter Blind Blue Borrowed Bright Broken Burning Buried Careful Clever
    Cold Copper Crimson Crooked Cruel Damp Dangerous Dark Deep Distant Divided Double Dry Dusty
    Eastern Electric Empty Endless Faithful Faint False Final First Foreign Forgotten Fragile
    Frozen Gentle Gilded Golden Green Grey Hasty Heavy Hidden Hollow Honest Hungry Idle
    Invisible Iron Joyful Kind Last Lazy Little Lonely Long Lost Loud Lucky Mad Minor Modern
    Narrow Nervous Northern Old Open Ordinary Pale Paper Patient Perfect Plain Private Proud
    Quiet Red Reckless Restless Rising Salty Second Secret Serious Seventh Sharp Silent Silver
    Slow Small Sober Southern Stolen Strange Stubborn Tender Third Thirsty Tired Uncertain
    Velvet Wandering Warm Western White Wild Wooden Young
    """
)
NOUNS = _split(
    """
    Accident Actor Admiral Affair Afternoon Alibi Anchor Angel Animal Answer Apartment
    Apprentice Arrival Artist Autumn Bakery Ballad Bandit Banquet Barber Bargain Beach Bell
    Bicycle Bird Birthday Boat Border Bride Bridge Brother Butcher Canal Candle Captain Caravan
    Carnival Castle Cathedral Cellar Chapel Chimney Choir Circle Circus City Clerk Clockmaker
    Coast Colony Comet Confession Corridor Courier Cousin Cowboy Crossing Crown Curtain Dancer
    Daughter Dawn Debt Deputy Desert Detective Diary Dinner Diplomat Doctor Dog Door Dream Duel
    Echo Election Embassy Empire Engine Enemy Escape Estate Evening Exile Factory Family
    Farewell Farm Father Fever Field Fire Fisherman Flood Flower Forest Fortress Fountain Fox
    Frontier Funeral Galaxy Gambler Game Garden Gardener Gate General Ghost Giant Girl Glacier
    Guest Guitar Harbour Harvest Heart Heir Highway Hill Holiday Horizon Horse Hotel Hour House
    Hunter Husband Inheritance Inspector Island Jacket Journey Judge Jungle Key King Kingdom
    Kitchen Lake Lantern Lesson Letter Library Lighthouse Lion Locksmith Machine Mansion Market
    Marriage Mask Meadow Messenger Midnight Miner Mirror Moon Morning Mother Mountain Murder
    Museum Neighbour Night Nurse Ocean Opera Orchard Orchestra Orphan Painter Palace Parade
    Passenger Path Phantom Photograph Pilot Pirate Planet Poet Postman Prison Promise Prophet
    Queen Rain Ransom Reunion Rider Ring River Road Robbery Room Sailor Samurai School Sea
    Season Shadow Sheriff Ship Shore Signal Sister Sky Snow Soldier Song Spy Stable Station
    Storm Stranger Street Student Summer Swimmer Tailor Teacher Theatre Thief Tiger Tower Town
    Train Treasure Trial Tunnel Uncle Valley Verdict Victory Village Violin Visitor Voyage
    Waiter Waltz War Wedding Widow Wife Wind Window Winter Witness Wolf Woman Wound Year
    """
)
PLACES = _split(
    """
    Alder Bellmoor Brannock Calder Carrowmore Dunmere Eastwick Elmsford Fenwick Galway Greyhaven
    Halden Ingleby Juniper Kestrel Larkhill Lindqvist Lomond Marrow Merrin Naples Norrland
    Oakham Orsini Pemberton Quillan Ravenna Rosario Salzach Samarkand Sandoval Selkirk Tallinn
    Tarifa Thornbury Trieste Umber Valdez Vesper Wexley Windermere Xanthe Yarrow Zell
    """
)
FIRST_NAMES = _split(
    """
    Ada Agnes Albin Amira Anselm Beatriz Bruno Carlo Clara Dario Edith Elias Esther Fabian
    Farida Felix Greta Hana Hugo Ines Ivo Jonas Judit Karim Leila Linus Lotte Magda Marek Mirela
    Nadja Nils Odile Omar Otto Paloma Petra Rafael Rosa Ruben Selma Silvio Sonja Tamar Theo
    Ursula Viktor Wanda Yusuf Zora
    """
)
LAST_NAMES = _split(
    """
    Abernathy Almasi Arden Bauer Beaumont Bellweather Castellan Crane Dahl Delacroix Dupree
    Eklund Falk Ferreira Finch Gallo Grimaldi Hadley Hallström Holloway Ibarra Jansson Kessler
    Kovacs Lavigne Lindholm Marchetti Mayhew Montague Moreau Nakata Novak Oduya Okafor Paredes
    Petrov Quist Ramirez Rossi Sato Sorensen Stavros Tanaka Thorne Varga Vasquez Vogel
    Wainwright Whitlock Zielinski
    """
)
HEADS = _split(
    """
    Ar Bel Cal Dor El Fan Gal Hel Is Jal Kal Lor Mar Nor Or Pal Rin Sal Tor Ul Var Wen Yal Zan
    """
)
MIDDLES = _split(
    """
    a da de di do ga ki la le li lo ma me mi na ni no ra ri sa se ti va ve vi
    """
)
TAILS = _split(
    """
    bra dan den dor gan go ka lia lin lo mar mira na nis ra ria rin ro ta than thea to va vin
    """
)

TAGS = (
    "35mm", "cinema", "home", "netflix/disney+", "w/ friends", "🎃 october", "🍿", "plane",
    "festival 2024", "theater", "rewatch ♥", "subtitled", "criterion", "with mum & dad",
    "❄️ winter", "70mm", "tv", "late night", "drive-in", "#52",
)  # fmt: skip
SENTENCES = tuple(
    line.strip()
    for line in """
    The lantern scene alone is worth the ticket.
    I did not expect the baker to come back, and certainly not like that!
    Too long by half an hour, yet I would not know what to cut.
    My neighbour laughed, I cried; we agreed on the music.
    "Nobody leaves the harbour," says the captain, and nobody does.
    Everything after the storm feels borrowed from a better film.
    Seen on a Sunday with rain on the window, which is how it should be seen.
    Why does the clockmaker lie?
    A second viewing makes the ending kinder.
    The colours; the silence; the horse.
    10/10, no notes, except for the notes above.
    Fräulein Dahl deserved more than two lines.
    Half a star for the dog & half a star for the hat.
    It asks for patience and pays it back with interest.
    I keep thinking about the corridor…
    They don't make curtains like these anymore.
    The plot, if there is one, hides behind the curtain, the fog, and the uncle.
    最高の灯台。
    Perfect 🕯️🕯️🕯️
    Not for me, not today, perhaps next winter.
    As a study of bells it is complete.
    Some will call it slow: they are right, and they are wrong.
    The sound of the gate has stayed with me since.
    I fell asleep at the opera and woke up in the war.
    Nothing happens, beautifully.
    """.strip().split("\n")
)
# `{}` takes the review: what members paste, forget to close, or close twice
MARKUP = (
    "<i>{}</i>", "<b>{}", "{}</blockquote>", "<i><b>{}</i></b>", "{} <3", "<!-- {}",
    '<a href="https://example.org/?a=1&b=2" rel=nofollow>{}</a>', "<script>alert(1)</script>{}",
    "{}<img src=x onerror=alert(1)>", "&lt;b&gt;{}&amp;<br>", "<blockquote>{}<br></blockquote>",
)  # fmt: skip
BREAKS = ("\r\n", "\r\n\r\n", " ")  # between sentences; CRLF inside fields too, as in genuine files
LIST_TITLES = (
    "Movies Watched in 2022", "Diary of a Projectionist", "All Films Reviewed Twice",
    "Ratings I Regret", "Watchlist of Lighthouses", "Best of the Harbour", "Films, Watched or Not",
    "100 Bells",
)  # fmt: skip
