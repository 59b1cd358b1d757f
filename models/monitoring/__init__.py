"""Whether what the model meets in use is like what it was taught on, and whether what it said came true."""
