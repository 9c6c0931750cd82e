using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests;

/// <summary>Compares the tree, which knows branches, with a model that knows the parent of each turn.</summary>
public sealed class HistoryTreeTests
{
    private static readonly Chat.Types.ForkPoint Point = new() { Name = "chats/source" };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomOperations_AgreeWithParents(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 200; run++)
        {
            var model = new Model();
            for (var step = 0; step < 40; step++)
            {
                model.Do(random);
                model.Check();
            }
        }
    }

    [Fact]
    public void Add_ToTheHead_HasNoTree()
    {
        Assert.Equal((null, null), new HistoryTree(null, 7).Add(9, null));
        Assert.Equal((null, null), new HistoryTree(null, 7).Add(9, new TurnInput.Types.Parent { Sequence = 8, Revision = 7 }));
        Assert.Equal([SequenceRange.All], ChatPaths.ToHead(null));
    }

    private sealed class Model
    {
        // By revision: the number in the log, and the parent's revision.
        private Dictionary<long, (long Sequence, long Parent)> _turns = [];
        private ChatTree? _tree;
        private long _revision;
        private long _sequence;
        private long _head;

        public void Do(Random random)
        {
            var tree = new HistoryTree(_tree, _revision);
            var any = _turns.Keys.Append(0).ElementAt(random.Next(_turns.Count + 1));
            switch (random.Next(10))
            {
                case < 4:
                    Add(tree.Add(++_sequence, null), _head);
                    break;
                case < 6:
                    Add(tree.Add(++_sequence, new TurnInput.Types.Parent { Sequence = SequenceOf(any), Revision = any }), any);
                    break;
                case 6:
                    // A turn that wasn't recorded.
                    _sequence++;
                    break;
                case 7:
                    Move(tree.MoveTo(SequenceOf(any), any), any);
                    break;
                case 8 when random.Next(4) == 0:
                    Move(tree.EraseAfter(SequenceOf(any), any), any);
                    _turns = Path(any).ToDictionary(revision => revision, revision => _turns[revision]);
                    break;
                case 9 when random.Next(4) == 0:
                    _tree = tree.ForkAt(SequenceOf(any), Point);
                    _turns = Path(any).ToDictionary(revision => revision, revision => _turns[revision]);
                    (_revision, _head, _sequence) = (any, any, SequenceOf(any));
                    break;
            }
        }

        public void Check()
        {
            var tree = new HistoryTree(_tree, _revision);
            Assert.Equal((_head, (long)_turns.Count), (tree.HeadRevision, tree.Turns));
            Assert.Equal(Path(_head).Order(), On(tree.HeadPath));
            foreach (var (revision, (sequence, parent)) in _turns)
            {
                Assert.Equal(parent, tree.ParentOf(revision));
                Assert.Equal(Path(revision).Count(), tree.CountTo(revision));
                Assert.Equal(Path(_head).Contains(revision), tree.IsInHistory(revision));
                Assert.True(tree.RangeOf(revision)!.Value.Contains(sequence));
                Assert.Equal(Path(revision).Order(), On(ChatPaths.To(_tree, sequence)));
            }

            foreach (var revision in Enumerable.Range(0, (int)_revision + 2).Where(revision => !_turns.ContainsKey(revision)))
            {
                Assert.Null(tree.RangeOf(revision));
            }
        }

        private void Add((ChatTree? Tree, long? Count) added, long parent)
        {
            _tree = added.Tree ?? _tree;
            _turns.Add(++_revision, (_sequence, parent));
            _head = _revision;
            Assert.Equal(Path(_head).Count(), added.Count ?? Path(_head).Count());
        }

        private void Move(ChatTree moved, long head)
        {
            _tree = moved;
            _sequence++;
            _revision++;
            _head = head;
        }

        private IEnumerable<long> Path(long revision)
        {
            for (var at = revision; at > 0; at = _turns[at].Parent)
            {
                yield return at;
            }
        }

        private IEnumerable<long> On(IReadOnlyList<SequenceRange> path) =>
            _turns.Where(turn => path.Any(range => range.Contains(turn.Value.Sequence))).Select(turn => turn.Key).Order();

        // The initial history ends before the first turn of its branch.
        private long SequenceOf(long revision)
        {
            if (revision > 0)
            {
                return _turns[revision].Sequence;
            }

            return _turns.TryGetValue(1, out var first) ? first.Sequence - 1
                : _tree is { Branches: [var branch, ..] } ? branch.FirstSequence - 1
                : _sequence;
        }
    }
}
