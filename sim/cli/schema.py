"""`wavepool schema`: describe scenario files to editors."""


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    import json

    from sim.scenario.template import schema as described

    print(json.dumps(described(), indent=2, ensure_ascii=False))
