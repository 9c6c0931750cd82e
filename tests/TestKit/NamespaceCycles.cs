using System.Reflection;

namespace GenAI.Chats.TestKit;

/// <summary>Finds namespaces that depend on each other.</summary>
/// <remarks>A namespace and its child are two namespaces. Constants don't count: the compiler copies their values.</remarks>
public static class NamespaceCycles
{
    private const int ShownUses = 3;

    /// <summary>Describes the cycles between the namespaces of an assembly, each with the uses that cause it.</summary>
    /// <returns>One description per cycle. Empty if there are no cycles. Each cycle is the shortest one of a namespace.</returns>
    public static IReadOnlyList<string> Find(Assembly assembly) => Find(assembly.GetTypes());

    /// <summary>Describes the cycles between the namespaces of these types. Types without a namespace, such as Program, don't count.</summary>
    public static IReadOnlyList<string> Find(IReadOnlyCollection<Type> types)
    {
        var known = types.Where(type => type.Namespace is not null).ToHashSet();
        var uses = (
            from user in known
            from use in TypeReferences.Of(user)
            where known.Contains(use.Type) && NamespaceOf(user) != NamespaceOf(use.Type)
            select (From: NamespaceOf(user), To: NamespaceOf(use.Type), Text: $"{use.User} uses {use.Type.FullName}")).Distinct()
            .ToLookup(use => use.From);
        var described = new HashSet<string>();
        var cycles = new List<string>();
        foreach (var start in uses.Select(group => group.Key).Order(StringComparer.Ordinal))
        {
            if (!described.Contains(start) && ShortestCycle(start, name => uses[name].Select(use => use.To).Distinct()) is { } cycle)
            {
                described.UnionWith(cycle);
                cycles.Add(Describe(cycle, (from, to) => uses[from].Where(use => use.To == to).Select(use => use.Text)));
            }
        }

        return cycles;
    }

    private static string NamespaceOf(Type type) => type.Namespace!;

    // Breadth first. Starts and ends with the same name.
    private static List<string>? ShortestCycle(string start, Func<string, IEnumerable<string>> next)
    {
        var cameFrom = new Dictionary<string, string>();
        var queue = new Queue<string>([start]);
        while (queue.TryDequeue(out var current))
        {
            foreach (var name in next(current).Order(StringComparer.Ordinal))
            {
                if (name == start)
                {
                    var cycle = new List<string> { start };
                    for (; current != start; current = cameFrom[current])
                    {
                        cycle.Insert(0, current);
                    }

                    return [start, .. cycle];
                }

                if (cameFrom.TryAdd(name, current))
                {
                    queue.Enqueue(name);
                }
            }
        }

        return null;
    }

    private static string Describe(List<string> cycle, Func<string, string, IEnumerable<string>> usesOf)
    {
        var lines = new List<string> { string.Join(" -> ", cycle) };
        foreach (var (from, to) in cycle.Zip(cycle.Skip(1)))
        {
            var uses = usesOf(from, to).ToList();
            lines.Add($"  {from} -> {to} ({uses.Count} uses):");
            lines.AddRange(uses.Take(ShownUses).Select(use => $"    {use}"));
        }

        return string.Join(Environment.NewLine, lines);
    }
}
