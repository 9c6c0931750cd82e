using System.Diagnostics;
using System.Globalization;

namespace GenAI.Chats.TestKit.Postgres;

/// <summary>A process and those that it has started, as Linux shows them under /proc.</summary>
internal static class ProcessTree
{
    /// <summary>Signals the descendants of a process, and not the process itself.</summary>
    public static async Task SignalAsync(int root, string signal)
    {
        var signalled = new HashSet<int>();

        // Again for those that were started while the others were signalled.
        while (Descendants(root).Where(signalled.Add).ToList() is { Count: > 0 } found)
        {
            var ids = found.Select(id => id.ToString(CultureInfo.InvariantCulture));
            using var kill = Process.Start("kill", [$"-{signal}", .. ids]);
            await kill.WaitForExitAsync();
        }
    }

    private static List<int> Descendants(int root)
    {
        var children = Directory.GetDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => (Id: int.Parse(name!, CultureInfo.InvariantCulture), Parent: ParentOf(name!)))
            .ToLookup(process => process.Parent, process => process.Id);
        var found = new List<int>(children[root]);
        for (var next = 0; next < found.Count; next++)
        {
            found.AddRange(children[found[next]]);
        }

        return found;
    }

    // Behind the name in parentheses, which may hold anything: the state, and then the parent. One that has ended meanwhile has none.
    private static int ParentOf(string id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
