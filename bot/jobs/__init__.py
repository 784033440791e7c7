"""The life of a job, from an order to a delivered result. `jobs` is the public interface. Nothing imports discord."""
