namespace GenAI.Chats.Silo.Settings;

/// <summary>Finds the name that a user probably meant.</summary>
internal static class NearestName
{
    private const int MinContained = 3;

    /// <summary>Returns the name that is nearest to a mistyped one, regardless of case. Null if none is near.</summary>
    public static string? Find(string mistyped, IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Select(name => (Name: name, Distance: Distance(name, mistyped)))
            .Where(one => one.Distance <= MaxDistance(mistyped)).OrderBy(static one => one.Distance).FirstOrDefault().Name
            ?? all.Where(name => Contains(name, mistyped) || Contains(mistyped, name)).MaxBy(static name => name.Length);
    }

    /// <summary>Returns the number of letters to add, remove, replace, or swap with their neighbor to get from one name to the other, regardless of case.</summary>
    public static int Distance(string one, string other)
    {
        var (a, b) = (one.ToUpperInvariant(), other.ToUpperInvariant());
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                table[i, j] = i == 0 || j == 0 ? i + j
                    : Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
                }
            }
        }

        return table[a.Length, b.Length];
    }

    private static int MaxDistance(string name) => name.Length <= MinContained ? 1 : Math.Max(2, name.Length / 3);

    private static bool Contains(string name, string part) => part.Length >= MinContained && name.Contains(part, StringComparison.OrdinalIgnoreCase);
}
