using System.CommandLine;
using GenAI.Chats.Silo.Commands;
using Google.Protobuf.WellKnownTypes;
using static GenAI.Chats.V1.ListTenantChatsRequest.Types;

namespace GenAI.Chats.Api.Commands;

/// <summary>The command <c>chats</c>: lists, shows, cancels, and deletes chats of all tenants on a running server.</summary>
internal static class ChatsCommand
{
    private const string Json = "json";
    private const string ChatNotFound = "CHAT_NOT_FOUND";
    private const int MaxPageSize = 1000;
    private const int MaxLimit = 100_000;

    private static readonly string[] States = ["all", "idle", "busy", "queued", "running"];

    /// <summary>Creates the command.</summary>
    public static Command Create(CommandConsole console)
    {
        var connection = new ConnectionOptions();
        return new Command("chats", "Lists, shows, cancels, and deletes chats of all tenants on a running server. Needs an operator's API key.")
        {
            connection.Address,
            connection.Ca,
            CreateList(connection, console),
            CreateShow(connection, console),
            CreateCancel(connection, console),
            CreateDelete(connection, console),
        };
    }

    private static Command CreateList(ConnectionOptions connection, CommandConsole console)
    {
        var tenant = TenantOption.Create("The tenant. Default: all.", isRequired: false);
        var state = new Option<string>("--state") { Description = "Which chats to list.", DefaultValueFactory = static _ => States[0] };
        state.AcceptOnlyFromAmong(States);
        var age = AgeOption.Create();
        var limit = LimitOption();
        var token = new Option<string>("--page-token") { Description = "Continues a list with the token that the list before it printed.", HelpName = "TOKEN" };
        var output = OutputOption();
        var command = new Command("list", "Lists chats: all and idle ones by tenant, last changed first; others longest waiting first.") { tenant, state, age, limit, token, output };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var server = connection.Open(result);
            var request = new ListTenantChatsRequest
            {
                Tenant = result.GetValue(tenant) ?? "",
                Activity = (Activity)Array.IndexOf(States, result.GetValue(state)),
                PageToken = result.GetValue(token) ?? "",
                ChangedBefore = result.GetValue(age) is { } some ? (TimeProvider.System.GetUtcNow() - some).ToTimestamp() : null,
            };
            await ListAsync(server, request, result.GetValue(limit), result.GetValue(output)!, console, cancellationToken);
        });
        return command;
    }

    private static Command CreateShow(ConnectionOptions connection, CommandConsole console)
    {
        var chat = ChatArgument.Create();
        var output = OutputOption();
        var command = new Command("show", "Shows a chat: its pending turns with attempts and owners, and its last ended turns.") { chat, output };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var server = connection.Open(result);
            var found = await GetAsync(server, result.GetRequiredValue(chat), cancellationToken);
            await (result.GetValue(output) == Json ? console.Out.WriteLineAsync(JsonFormatter.Default.Format(found)) : ChatText.WriteAsync(found, console.Out));
            await console.Out.FlushAsync(cancellationToken);
        });
        return command;
    }

    private static Command CreateCancel(ConnectionOptions connection, CommandConsole console)
    {
        var chat = ChatArgument.Create();
        var turn = new Argument<string?>("TURN_ID") { Description = "The turn. Default: all queued and running turns.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("cancel", "Cancels queued and running turns of a chat, as a client's CancelTurn does.") { chat, turn };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var server = connection.Open(result);
            var target = result.GetRequiredValue(chat);

            // The last one first, so that no other turn starts.
            string[] turns = result.GetValue(turn) is { } one
                ? [one]
                : [.. (await GetAsync(server, target, cancellationToken)).PendingTurns.Select(static pending => pending.Turn.TurnId).Reverse()];
            foreach (var id in turns)
            {
                var request = new CancelTenantTurnRequest { Tenant = target.Tenant, Name = target.Name, TurnId = id };
                var ended = await server.CallAsync((client, options) => client.CancelTenantTurnAsync(request, options), cancellationToken);
                await console.Out.WriteLineAsync($"{id} {ChatText.StateOf(ended)}");
                await console.Out.FlushAsync(cancellationToken);
            }

            if (turns.Length == 0)
            {
                await console.Error.WriteLineAsync($"Chat '{target}' has no pending turns.");
            }
        });
        return command;
    }

    private static Command CreateDelete(ConnectionOptions connection, CommandConsole console)
    {
        var chat = ChatArgument.Create();
        var yes = new Option<bool>("--yes") { Description = "Deletes without asking." };
        var allowMissing = new Option<bool>("--allow-missing") { Description = "Succeeds if the chat doesn't exist." };
        var command = new Command("delete", "Deletes a chat and its history, as a client's DeleteChat does. Running turns are stopped.") { chat, yes, allowMissing };
        command.SetAction(async (result, cancellationToken) =>
        {
            var target = result.GetRequiredValue(chat);
            if (!result.GetValue(yes) && !await ConfirmAsync(target, console, cancellationToken))
            {
                throw new CommandException($"Chat '{target}' wasn't deleted.");
            }

            using var server = connection.Open(result);
            var request = new DeleteTenantChatRequest
            {
                Tenant = target.Tenant,
                Name = target.Name,
                RequestId = Guid.CreateVersion7().ToString("N"),
            };
            try
            {
                await server.CallAsync((client, options) => client.DeleteTenantChatAsync(request, options), cancellationToken);
                await console.Error.WriteLineAsync($"Deleted chat '{target}'.");
            }
            catch (CommandException missing) when (result.GetValue(allowMissing) && missing.Reason == ChatNotFound)
            {
                await console.Error.WriteLineAsync($"Chat '{target}' doesn't exist.");
            }
        });
        return command;
    }

    private static async Task ListAsync(
        OperatorConnection server, ListTenantChatsRequest request, int limit, string output, CommandConsole console, CancellationToken cancellationToken)
    {
        var (listed, isFirst) = (0, true);
        do
        {
            request.PageSize = Math.Min(limit - listed, MaxPageSize);
            var page = await server.CallAsync((client, options) => client.ListTenantChatsAsync(request, options), cancellationToken);
            if (output == Json)
            {
                foreach (var chat in page.Chats)
                {
                    await console.Out.WriteLineAsync(JsonFormatter.Default.Format(chat));
                }
            }
            else
            {
                await ChatText.WriteAsync(page.Chats, console.Out, isFirst);
            }

            await console.Out.FlushAsync(cancellationToken);
            listed += page.Chats.Count;
            isFirst = false;
            request.PageToken = page.NextPageToken;
        }
        while (listed < limit && request.PageToken.Length > 0);

        if (request.PageToken.Length > 0)
        {
            await console.Error.WriteLineAsync($"More chats follow. Continue with --page-token {request.PageToken}");
        }
    }

    private static Task<TenantChat> GetAsync(OperatorConnection server, ChatArgument chat, CancellationToken cancellationToken)
    {
        var request = new GetTenantChatRequest { Tenant = chat.Tenant, Name = chat.Name };
        return server.CallAsync((client, options) => client.GetTenantChatAsync(request, options), cancellationToken);
    }

    private static async Task<bool> ConfirmAsync(ChatArgument chat, CommandConsole console, CancellationToken cancellationToken)
    {
        if (!console.CanAsk)
        {
            throw new CommandException("Deletion needs a confirmation. Pass --yes.");
        }

        await console.Error.WriteAsync($"Delete chat '{chat}' and its history? [y/N] ");
        return await console.In.ReadLineAsync(cancellationToken) is "y" or "Y" or "yes";
    }

    private static Option<int> LimitOption() => new("--limit")
    {
        Description = $"The maximum number of chats, at most {MaxLimit}.",
        HelpName = "NUMBER",
        DefaultValueFactory = static _ => 100,
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= MaxLimit)
            {
                return number;
            }

            result.AddError($"Invalid value '{text}' for option '--limit'. Expected: a number from 1 to {MaxLimit}.");
            return 0;
        },
    };

    private static Option<string> OutputOption()
    {
        var option = new Option<string>("--output") { Description = "The format: a table, or one JSON object per line.", DefaultValueFactory = static _ => "table" };
        option.AcceptOnlyFromAmong("table", Json);
        return option;
    }
}
