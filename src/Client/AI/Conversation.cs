using Microsoft.Extensions.AI;

namespace GenAI.Chats.Client.AI;

/// <summary>Messages, split into the system instruction, the history, and the new message.</summary>
/// <param name="SystemInstruction">The parts of the system messages. Null without system messages.</param>
/// <param name="History">The messages up to the last one of the assistant.</param>
/// <param name="Message">The messages after the last one of the assistant, as one content.</param>
internal sealed record Conversation(Content? SystemInstruction, IReadOnlyList<Content> History, Content Message)
{
    /// <summary>Splits messages.</summary>
    /// <exception cref="ArgumentException">The last message is the assistant's, or the list is empty.</exception>
    public static Conversation Of(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var all = messages.ToList();
        var system = all.Where(m => m.Role == ChatRole.System).SelectMany(m => ContentMapper.ToContent(m, all).Parts).ToList();
        var said = all.Where(m => m.Role != ChatRole.System).ToList();
        var past = said.FindLastIndex(m => m.Role == ChatRole.Assistant) + 1;
        if (past == said.Count)
        {
            throw new ArgumentException("The last message must have the role user or tool.", nameof(messages));
        }

        var message = new Content { Role = Roles.User };
        message.Parts.Add(said.Skip(past).SelectMany(m => ContentMapper.ToContent(m, all).Parts));
        var instruction = system.Count > 0 ? new Content { Role = Roles.User, Parts = { system } } : null;
        return new Conversation(instruction, said.Take(past).Select(m => ContentMapper.ToContent(m, all)).ToList(), message);
    }
}
