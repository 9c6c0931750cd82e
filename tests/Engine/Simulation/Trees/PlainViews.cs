namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>What each chat was from which step of the simulation on.</summary>
internal sealed class PlainViews(Simulator simulator, PlainChats plain)
{
    private readonly Dictionary<string, List<(int From, PlainView? View)>> _views = [];

    /// <summary>Keeps a chat as it is now.</summary>
    public void Keep(string chatId) => Of(chatId).Add((simulator.Steps, plain.Find(chatId) is { } chat ? PlainView.Of(chat) : null));

    /// <summary>The chat as it is now. Null: it doesn't exist.</summary>
    public PlainView? Now(string chatId) => Of(chatId)[^1].View;

    /// <summary>All that a chat was since a step.</summary>
    public IEnumerable<PlainView?> Since(string chatId, int step)
    {
        var all = Of(chatId);
        var first = all.FindLastIndex(view => view.From < step);
        return all.Skip(first).Select(view => view.View);
    }

    /// <summary>Whether a chat exists since it had a view.</summary>
    public bool IsSame(string chatId, PlainView? before) => before is not null && Now(chatId)?.Incarnation == before.Incarnation;

    private List<(int From, PlainView? View)> Of(string chatId)
    {
        if (!_views.TryGetValue(chatId, out var views))
        {
            _views.Add(chatId, views = [(-1, null)]);
        }

        return views;
    }
}
