def moving_median(values, width):
    """Returns the median of each window of `width` values that follow each other."""
    medians = []
    for end in range(width, len(values) + 1):
        window = []
        for value in values[end - width : end]:
            position = 0
            while position < len(window) and window[position] < value:
                position += 1
            window.insert(position, value)
        middle = width // 2
        if width % 2 == 1:
            medians.append(window[middle])
        else:
            medians.append((window[middle - 1] + window[middle]) / 2)
    return medians
