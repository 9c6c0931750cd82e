using GenAI.Chats.Engine.History;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>What a chat is, said in the plainest way: recorded turns in a dictionary, each with the one that it follows, and a head.</summary>
internal sealed class PlainChat
{
    public required string ChatId { get; init; }

    public required string Incarnation { get; init; }

    public required string CreateRequestId { get; init; }

    /// <summary>The curated part of the initial history, and the part with open function calls after it.</summary>
    public required (IReadOnlyList<Content> Curated, IReadOnlyList<Content> Open) Initial { get; init; }

    public string ForkedFrom { get; init; } = "";

    public TimeSpan? Ttl { get; set; }

    public DateTimeOffset? ExpireTime { get; set; }

    public long Revision { get; set; }

    /// <summary>The revision of the head; 0: the initial history.</summary>
    public long Head { get; set; }

    /// <summary>The recorded turns by their revisions.</summary>
    public SortedDictionary<long, PlainTurn> Tree { get; } = [];

    /// <summary>The turns that haven't ended, in order.</summary>
    public List<PlainTurn> Pending { get; } = [];

    /// <summary>The turns by their IDs, and which of them were erased.</summary>
    public Dictionary<string, PlainTurn> Turns { get; } = [];

    /// <summary>The IDs of turns that were erased.</summary>
    public HashSet<string> Erased { get; } = [];

    /// <summary>The turns by their request IDs. Null: the request moved the head.</summary>
    public Dictionary<string, PlainTurn?> Requests { get; } = [];

    /// <summary>How many turns were accepted.</summary>
    public int Accepted { get; set; }

    /// <summary>The path to a turn.</summary>
    public List<PlainTurn> PathTo(long revision)
    {
        var path = new List<PlainTurn>();
        for (var at = revision; at > 0; at = Tree[at].Parent)
        {
            path.Add(Tree[at]);
        }

        path.Reverse();
        return path;
    }

    public bool Has(long revision) => revision == 0 || Tree.ContainsKey(revision);

    /// <summary>Everything on the path to a turn, and of that the turns and contents that a model is sent, and those with open calls.</summary>
    public PlainPath At(long revision)
    {
        var path = new PlainPath();
        path.All.AddRange([.. Initial.Curated, .. Initial.Open]);
        path.Curated.AddRange(Initial.Curated);
        path.Open.AddRange(Initial.Open);
        path.OpenSequence = Initial.Open.Count == 0 ? 0 : Initial.Curated.Count == 0 ? 1 : 2;
        var open = new List<PlainTurn>();
        foreach (var turn in PathTo(revision))
        {
            path.All.AddRange(turn.Contents);
            if (!turn.Outcome!.Open && !turn.Curated)
            {
                continue;
            }

            if (!turn.Answers)
            {
                open.Clear();
                path.Open.Clear();
                path.OpenSequence = 0;
            }

            open.Add(turn);
            path.Open.AddRange(turn.Contents);
            path.OpenSequence = path.OpenSequence == 0 ? turn.Sequence : path.OpenSequence;
            if (turn.Curated)
            {
                path.Turns.UnionWith(open);
                path.Curated.AddRange(path.Open);
                open.Clear();
                path.Open.Clear();
                path.OpenSequence = 0;
            }
        }

        return path;
    }

    /// <summary>The contents that the model of a turn is sent.</summary>
    public IReadOnlyList<Content> PromptOf(PlainTurn turn)
    {
        var path = At(turn.Edits ?? Head);
        return [.. path.Curated, .. turn.Answers ? path.Open : [], turn.Message!];
    }

    /// <summary>Responses to all calls that are open at a turn. Empty: none are.</summary>
    public Part[] ResponsesAt(long revision)
    {
        var open = new List<FunctionCall>();
        foreach (var part in At(revision).Open.SelectMany(c => c.Parts))
        {
            if (part.FunctionCall is { } call)
            {
                open.Add(call);
            }
            else if (part.FunctionResponse is { } response)
            {
                // Where one of the two has no ID, the name decides.
                var answered = open.FindIndex(c => c.Name == response.Name && c.Id == response.Id);
                open.RemoveAt(answered >= 0 ? answered : open.FindIndex(c => c.Name == response.Name && (c.Id.Length == 0 || response.Id.Length == 0)));
            }
        }

        return [.. open.Select(c => Messages.Response(c.Name, c.HasId ? c.Id : null))];
    }

    /// <summary>Moves the head.</summary>
    /// <param name="revision">The revision of the new head.</param>
    /// <param name="erase">Whether the turns that aren't on its path are erased.</param>
    /// <param name="sequence">The number of the move in the log.</param>
    public void Move(long revision, bool erase, long sequence)
    {
        Revision++;
        Head = revision;
        if (!erase)
        {
            return;
        }

        var path = PathTo(revision);
        foreach (var turn in Tree.Values.Except(path).ToList())
        {
            Tree.Remove(turn.Revision);
            Erased.Add(turn.TurnId);
        }

        // Turns that left nothing stay if they are between turns of one branch that stay. So they may be erased, or not.
        foreach (var turn in Turns.Values.Where(t => t.Revision == 0 && t.Sequence < sequence))
        {
            Unsure.Add(turn.TurnId);
        }
    }

    /// <summary>Turns that weren't recorded, and that an erasure may have erased.</summary>
    public HashSet<string> Unsure { get; } = [];

    /// <summary>A fork.</summary>
    public PlainChat Fork(string chatId, string incarnation, string createRequestId, long revision)
    {
        var fork = new PlainChat
        {
            ChatId = chatId,
            Incarnation = incarnation,
            CreateRequestId = createRequestId,
            Initial = Initial,
            ForkedFrom = $"chats/{ChatId}@{revision}",
            Ttl = Ttl,
            Revision = revision,
            Head = revision,
        };
        foreach (var turn in PathTo(revision))
        {
            fork.Tree.Add(turn.Revision, turn);
            fork.Turns.Add(turn.TurnId, turn);
        }

        return fork;
    }
}

/// <summary>A path of a <see cref="PlainChat"/>.</summary>
internal sealed class PlainPath
{
    /// <summary>All contents.</summary>
    public List<Content> All { get; } = [];

    /// <summary>The curated contents.</summary>
    public List<Content> Curated { get; } = [];

    /// <summary>The curated turns.</summary>
    public HashSet<PlainTurn> Turns { get; } = [];

    /// <summary>The contents from the first one whose function calls are open.</summary>
    public List<Content> Open { get; } = [];

    /// <summary>The number of the first turn whose calls are open. 0: none is.</summary>
    public long OpenSequence { get; set; }

    /// <summary>Contents as a model gets them, in few words.</summary>
    public static string Line(IEnumerable<Content> contents)
    {
        var joined = new SentContents();
        contents.ToList().ForEach(joined.Add);
        return Messages.Line(joined.List);
    }
}
