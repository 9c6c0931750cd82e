using System.Threading.Channels;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>A tool that answers when the test says so.</summary>
internal sealed class TestTool(string name) : IChatTool
{
    private readonly Channel<TestToolCall> _calls = Channel.CreateUnbounded<TestToolCall>();

    public FunctionDeclaration Declaration { get; } = new()
    {
        Name = name,
        Description = $"Does {name}.",
        Parameters = new Schema { Type = "OBJECT", Properties = { ["x"] = new Schema { Type = "STRING" } } },
    };

    /// <summary>What a chat's config says that asks for tools.</summary>
    public static GenerateContentConfig AskFor(params string[] names)
    {
        var tool = new Tool();
        tool.FunctionDeclarations.Add(names.Select(n => new FunctionDeclaration { Name = n }));
        return new GenerateContentConfig { Tools = { tool } };
    }

    public static Struct Output(string text) => new() { Fields = { ["output"] = Value.ForString(text) } };

    /// <summary>Waits for the next call.</summary>
    public async Task<TestToolCall> NextCallAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(Patience.Limit);

    /// <summary>Whether a call has come that nobody has taken.</summary>
    public bool HasCall => _calls.Reader.Count > 0;

    public async ValueTask<Struct> InvokeAsync(ChatToolCall toolCall, CancellationToken cancellationToken)
    {
        var call = new TestToolCall(toolCall, cancellationToken);
        _calls.Writer.TryWrite(call);
        return await call.Answer.Task;
    }
}

/// <summary>A call of a <see cref="TestTool"/>.</summary>
internal sealed record TestToolCall(ChatToolCall Call, CancellationToken Stop)
{
    public TaskCompletionSource<Struct> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Return(string output) => Answer.SetResult(TestTool.Output(output));
}
