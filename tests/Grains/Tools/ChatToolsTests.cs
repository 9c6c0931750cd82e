using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Tests.Tools;

public sealed class ChatToolsTests
{
    [Fact]
    public void AddChatTool_EachWay_CanBeAskedFor()
    {
        var services = new ServiceCollection().AddSingleton("a service of the host");
        services.AddChatTool<NeedsAService>();
        services.AddChatTool(new TestTool("instance"));
        services.AddChatTool(new FunctionDeclaration { Name = "delegate" }, (_, _) => ValueTask.FromResult(new Struct()), new ChatToolOptions { RunsAgain = false });
        using var provider = services.AddLogging().AddSingleton(TimeProvider.System).AddSingleton<ToolRunner>().AddSingleton<ChatTools>().BuildServiceProvider();

        var turn = provider.GetRequiredService<ChatTools>().Select(TestTool.AskFor("needs", "instance", "delegate", "other"))!;

        Assert.Equal(["needs", "instance", "delegate"], turn.Tools.Keys);
        Assert.Equal("a service of the host", turn.Config.Tools[0].FunctionDeclarations[0].Description);
        Assert.Equal([TimeSpan.FromMinutes(1)], turn.Tools.Values.Select(t => t.Options.Timeout).Distinct());
        Assert.Equal([true, true, false], turn.Tools.Values.Select(t => t.Options.RunsAgain));
        Assert.Equal("other", turn.Config.Tools[0].FunctionDeclarations[3].Name);
    }

    public static TheoryData<string, double, string> Wrong => new()
    {
        { "", 1, "tool name ''" },
        { "with space", 1, "tool name 'with space'" },
        { "1st", 1, "tool name '1st'" },
        { "twice", 1, "Duplicate tool name 'twice'." },
        { "f", 0, "Invalid timeout 00:00:00 of tool 'f': expected more than 0 and at most 1.00:00:00." },
        { "f", 86401, "Invalid timeout 1.00:00:01 of tool 'f'" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Tools_ThatCannotBeUsed_AreRefusedByName(string name, double seconds, string says)
    {
        var tool = new RegisteredTool(new TestTool(name), new ChatToolOptions { Timeout = TimeSpan.FromSeconds(seconds) });

        var failure = Assert.Throws<InvalidOperationException>(() => new ChatTools(
            [new RegisteredTool(new TestTool("twice"), new ChatToolOptions()), tool],
            new ToolRunner(TimeProvider.System, NullLogger<ToolRunner>.Instance),
            Options.Create(new ChatsOptions())));

        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_WithAWrongTool_DoesNotStart()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection([new("Storage:Provider", "InMemory")]);
        builder.UseOrleans(static silo => silo.UseLocalhostClustering());
        builder.Services.AddChatGrains(builder.Configuration);
        builder.Services.AddChatTool(new TestTool("not a name"));
        using var host = builder.Build();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("not a name", failure.Message, StringComparison.Ordinal);
    }

    private sealed class NeedsAService(string service) : IChatTool
    {
        public FunctionDeclaration Declaration { get; } = new() { Name = "needs", Description = service };

        public ValueTask<Struct> InvokeAsync(ChatToolCall toolCall, CancellationToken cancellationToken) => ValueTask.FromResult(new Struct());
    }
}
